"""What the pages name is there: files, modules, links, commands and targets."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from app.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
ROOMS = "app|rules|pipelines|reports|storage|tests|benchmarks|docs"
CODE = re.compile(r"`([^`\n]+)`")
FILE = re.compile(rf"(?:{ROOMS})/[\w./*-]*")
MODULE = re.compile(rf"(?:{ROOMS})(?:\.\w+)+")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
COMMAND = re.compile(r"(?:^ {4}|`|bin/)los ((?:[a-z][\w-]*)(?: [a-z][\w-]*)?)", re.MULTILINE)
# looks like a module, and is a variable of a transaction
VARIABLE = "app.brand_id"
TARGET = re.compile(r"(?:^ {4}|`)make ([a-z]+)", re.MULTILINE)


def spans(text: str) -> Iterator[str]:
    """What stands in backticks and has no <placeholder>."""
    return (code for code in CODE.findall(text) if not re.search("[<>{}]", code) and code != VARIABLE)


def is_module(name: str) -> bool:
    """Whether it names a module, or something that one holds."""
    path = ROOT.joinpath(*name.split("."))
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    homes = path.parent.with_suffix(".py"), path.parent / "__init__.py"
    return any(home.is_file() and re.search(rf"\b{path.name}\b", home.read_text("utf-8")) for home in homes)


def is_command(words: str) -> bool:
    command: click.Command | None = main
    for word in words.split():
        if not isinstance(command, click.Group):
            return True  # what follows are its arguments
        command = command.get_command(click.Context(command), word)
    return command is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_names_is_there(page: Path) -> None:
    text = page.read_text("utf-8")
    code = list(spans(text))
    gone = [code for code in code if (m := FILE.match(code)) and not list(ROOT.glob(m[0].rstrip("/.")))]
    gone += [code for code in code if (m := MODULE.fullmatch(code)) and not is_module(m[0])]
    gone += [link for link in LINK.findall(text) if ":" not in link and not (page.parent / link).exists()]
    gone += [f"los {words}" for words in COMMAND.findall(text) if not is_command(words)]
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    gone += [f"make {target}" for target in TARGET.findall(text) if target not in targets]
    assert gone == []
