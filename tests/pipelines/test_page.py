from html.parser import HTMLParser
from xml.etree import ElementTree

import polars as pl
import pytest

from pipelines import AccountEvidence, analyse_statement
from pipelines.bsa.page import charts, headline, report_page
from pipelines.pages.charts import standalone
from pipelines.pages.words import whole_rupees
from tests.pipelines.statements import AS_OF, statement
from tests.pipelines.test_report import EVIDENCE, PROFILE


@pytest.fixture(scope="module")
def report():
    return analyse_statement([EVIDENCE], as_of=AS_OF, statement_id="app-1").report


class Text(HTMLParser):
    """What a reader sees, and the tags that show it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words, self.tags = [], set()
        self.feed(page)

    def handle_data(self, data):
        self.words.append(data)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)


def test_the_five_figures(report):
    figures = {figure["title"]: figure["value"] for figure in headline(report)}
    assert figures["Salary"] == "₹61,000"
    assert figures["Instalments a month"] == "₹5,000"
    assert figures["Bounces"] == "0"


def test_the_page_shows_salaries_and_lenders(report):
    page = Text(report_page(report, title="Loan QUA-L-000001"))
    assert {"Loan QUA-L-000001", "ACME TECHNOLOGIES PVT LTD", "Bajaj Finance", "₹62,000"} <= set(page.words)
    assert charts(report)["balance"].count("<circle") == 3


def test_a_narration_cannot_become_markup():
    text = "2026-05-01 CR 60000 NEFT CR-HDFC0000001-<SCRIPT>ALERT(1)</SCRIPT> PVT LTD-A-SALARY APR"
    evil = analyse_statement([AccountEvidence(PROFILE, statement(text))], as_of=AS_OF).report
    assert "script" not in Text(report_page(evil, title="<script>x</script>")).tags


def test_a_statement_without_transactions_has_a_page():
    empty = AccountEvidence(PROFILE, statement("2026-05-01 CR 1 X").filter(pl.lit(False)))
    page = report_page(analyse_statement([empty], as_of=AS_OF).report)
    assert "none found" in page


def test_rupees_to_the_rupee():
    assert [whole_rupees(n) for n in ("0", "999.50", "-125000", "10000000")] == [
        "₹0",
        "₹1,000",
        "-₹1,25,000",
        "₹1,00,00,000",
    ]


def test_a_chart_stands_alone_as_a_drawing(report):
    drawing = ElementTree.fromstring(standalone(charts(report)["balance"]))
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert [dot.find("{*}title").text for dot in drawing.iter("{http://www.w3.org/2000/svg}circle")][-1] == (
        "ACME TECHNOLOGIES PVT LTD: ₹62,000"
    )
