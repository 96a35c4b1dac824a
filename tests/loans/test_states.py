"""The table of states draws itself, and the page in the documentation is what it draws."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from app.cli import main
from app.loans.cli import page
from app.loans.states import LOAN

PAGE = Path(__file__).parents[2] / "docs/loan-states.md"


def drawn(*options: str) -> str:
    return CliRunner().invoke(main, ["loans", "states", *options], catch_exceptions=False).output


def test_the_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: los loans states --write docs/loan-states.md"


@pytest.mark.parametrize(
    ("style", "arrow"),
    [
        ("mermaid", "    {} --> {}\n"),
        ("dot", "  {} -> {} [label="),
        ("table", "| {} | {} | "),
    ],
)
def test_every_step_is_drawn(style: str, arrow: str) -> None:
    picture = drawn("--format", style)
    assert all(arrow.format(*pair) in picture for pair in LOAN.steps)


def test_an_arrow_says_who_may_take_it() -> None:
    assert 'HOLD -> CANCELLED [label="SUPER_ADMIN, ADMIN, CUSTOMER"];' in drawn("--format", "dot")


def test_the_agreement_has_a_picture_too() -> None:
    assert "NOT_SENT --> SENT" in drawn("--of", "agreement")
