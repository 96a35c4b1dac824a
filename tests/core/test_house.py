"""The house rules that a reader relies on, held by a test."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import ROUTES

ROOT = Path(__file__).parents[2]
# not business domains: the shared core, the outside world, and what starts everything
SHARED = {"core", "providers", "sandbox", "runtime", "migrations", "demo", "seed"}
DOMAINS = sorted(
    p.name for p in (ROOT / "app").iterdir() if (p / "service.py").exists() and p.name not in SHARED
)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_domain_touches_only_its_own_tables(domain: str) -> None:
    strangers = tuple(f"app.{other}.models" for other in DOMAINS if other != domain)
    found = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / "app" / domain).glob("**/*.py")
        for name in imports(path)
        if name.startswith(strangers)
    }
    assert found == set()


def test_models_are_declared_once() -> None:
    tables = [
        (path, node.name)
        for path in (ROOT / "app").glob("*/models.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]
    assert len({name for _, name in tables}) == len(tables)


def test_only_the_clock_asks_for_the_time() -> None:
    """Rules, pipelines and reports take today's date as an argument; the app asks `app.core.clock`."""
    rooms = ["rules", "pipelines", "reports", *(f"app/{d}" for d in DOMAINS)]
    calls = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for room in rooms
        for path in (ROOT / room).glob("**/*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow")
        if isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date")
    }
    assert calls == set()


def test_routes_stand_where_they_are_looked_for() -> None:
    """Customers' in web.py, those of staff and of webhooks in partner.py or `<what>_partner.py`; all are registered."""
    files = (ROOT / "app").rglob("*.py")
    found = {
        ".".join(path.relative_to(ROOT / "app").with_suffix("").parts)
        for path in files
        if "\nblp = Blueprint(" in path.read_text(encoding="utf-8")
    }
    assert found == set(ROUTES)
    elsewhere = {name for name in found if not name.endswith((".web", ".partner", "_partner"))}
    assert elsewhere == {"health", "documents.open", "banking.aggregator.callbacks"}


def test_the_page_of_the_house_says_what_each_package_says() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(app/\S+)/` \| (.+) \|$", page, re.MULTILINE))
    assert {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")} <= {
        name.removeprefix("app/") for name in told
    }
    assert told == {name: _of_itself(ROOT / name / "__init__.py") for name in told}


def _of_itself(package: Path) -> str:
    said = ast.get_docstring(ast.parse(package.read_text(encoding="utf-8"))) or ""
    return " ".join(said.split("\n\n")[0].split())


PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# a file of an example, which its page has somebody make
MADE_BY_READERS = {"rules/brands/test/bre.yaml"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_points_at_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = {page.parent / to for to in re.findall(r"\]\((?!http)([^)#]+)", text)}
    rooms = "app|pipelines|reports|rules|storage|tests|benchmarks|docs"
    named = {name.rstrip("./") for name in re.findall(rf"`((?:{rooms})/[\w./-]+)(?:`|::)", text)}
    assert [to for to in links if not to.exists()] == []
    assert [name for name in named - MADE_BY_READERS if not (ROOT / name).exists()] == []
