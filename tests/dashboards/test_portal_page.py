"""docs/portal.md shows the tables as they are."""

from pathlib import Path

from click.testing import CliRunner

from app.cli import main


def test_the_page_shows_the_tables() -> None:
    printed = CliRunner().invoke(main, ["portal", "tables"], catch_exceptions=False).output
    page = (Path(__file__).parents[2] / "docs" / "portal.md").read_text(encoding="utf-8")
    assert page.endswith(printed), "put the output of `los portal tables` at the end of docs/portal.md"
