"""The code is looked at for what attackers use: ruff's S rules, which are bandit's. `make lint` does the same."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def ruff(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("ruff"), "check", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_nothing_is_found() -> None:
    done = ruff("--select", "S", "--output-format", "concise", ".")
    assert done.returncode == 0, done.stdout


def test_it_looks(tmp_path: Path) -> None:
    """A rule that is switched off by mistake finds nothing for ever."""
    bad = tmp_path / "bad.py"
    bad.write_text("import subprocess\nsubprocess.run(input(), shell=True)\neval(input())\n")
    done = ruff("--config", str(ROOT / "pyproject.toml"), "--output-format", "json", str(bad))
    found = {finding["code"] for finding in json.loads(done.stdout)}
    assert {"S602", "S307"} <= found


def test_every_exception_has_a_reason() -> None:
    """In pyproject.toml a comment stands above it, in the code it follows on the same line."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    ignores = tomllib.loads("\n".join(lines))["tool"]["ruff"]["lint"]["per-file-ignores"]
    for pattern in ignores:
        place = next(n for n, line in enumerate(lines) if line.startswith(f'"{pattern}"'))
        assert lines[place - 1].startswith("# "), pattern
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for room in ("app", "rules", "pipelines", "reports", "storage", "benchmarks")
        for path in (ROOT / room).rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"# noqa: S\d+(, S\d+)*\s*$", line)
    ]
    assert bare == []
