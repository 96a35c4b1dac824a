import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "pipelines.md"


def test_the_examples_run():
    examples = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert examples
    for example in examples:
        exec(compile(example, str(DOCS), "exec"), {})
