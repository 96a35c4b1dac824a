import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "pipelines.md"


def test_the_example_runs():
    (example,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    exec(compile(example, str(DOCS), "exec"), {})
