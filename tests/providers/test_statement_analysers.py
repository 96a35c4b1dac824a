"""CART, FinBox and ScoreMe: a statement goes out, a report comes back, and how they say no."""

import json
from decimal import Decimal

import pytest
from polars.testing import assert_frame_equal

from app.config.providers import ProviderSettings
from app.providers.analyser import StatementFile
from app.providers.base import ProviderClient
from app.providers.breaker import Breakers
from app.providers.cart import CartClient
from app.providers.errors import (
    ProviderMalformed,
    ProviderRejected,
    ProviderUnauthorised,
    ProviderUnavailable,
)
from app.providers.finbox import FinboxClient
from app.providers.scoreme import ScoremeClient
from pipelines.statements import Statement, evidence, read_statement
from pipelines.statements.compare import differences
from pipelines.statements.vendors import Figures, read_vendor
from tests.pipelines.statement_files import locked, pdf, transactions
from tests.pipelines.statement_layouts import HDFC
from tests.providers.conftest import Scripted

TXNS = transactions(60, "analysed")
FILE = pdf(TXNS, HDFC)
CLIENTS = (CartClient, FinboxClient, ScoremeClient)


@pytest.fixture(params=CLIENTS, ids=lambda kind: kind.provider)
def analyser(request, sandbox) -> ProviderClient:
    return sandbox.client(request.param)


def report_of(analyser: ProviderClient, data: bytes = FILE, password: str | None = None) -> dict:
    """The report, asked for until it is there."""
    reference = analyser.submit_statement(StatementFile(data, "s1.pdf", "HDFC", password))
    assert analyser.statement_report(reference) is None
    return analyser.statement_report(reference)


def closing_balances() -> dict[str, Decimal]:
    return {txn.on.strftime("%Y-%m"): txn.balance for txn in TXNS}


def test_a_statement_is_analysed(analyser):
    found = read_vendor(analyser.provider, report_of(analyser)).figures
    assert found.salary_average > 0
    if analyser.provider != "scoreme":  # whose report is not public
        assert found.closing_balances == closing_balances()


def test_a_locked_statement_goes_with_its_password(analyser):
    assert report_of(analyser, locked(FILE, "s3cret"), "s3cret")


def test_what_is_recorded_shows_no_file_and_no_password(analyser, sandbox):
    report_of(analyser, locked(FILE, "s3cret"), "s3cret")
    told = json.dumps([str(record) for record in sandbox.records])
    assert "s3cret" not in told
    assert "%PDF" not in told
    assert "ASHA VERMA" not in told


def test_an_upload_is_not_repeated(analyser, sandbox, fault):
    fault(analyser.provider, "500", operation="upload")
    with pytest.raises(ProviderUnavailable):
        analyser.submit_statement(StatementFile(FILE, "s1.pdf"))
    assert [record.operation for record in sandbox.records].count("upload") == 1


def test_bad_credentials(analyser, fault):
    fault(analyser.provider, "unauthorised")
    with pytest.raises(ProviderUnauthorised):
        analyser.submit_statement(StatementFile(FILE, "s1.pdf"))


def test_a_broken_answer(analyser, fault):
    fault(analyser.provider, "malformed", operation="upload")
    with pytest.raises(ProviderMalformed):
        analyser.submit_statement(StatementFile(FILE, "s1.pdf"))


def test_nobody_knows_this_report(analyser):
    with pytest.raises(ProviderRejected):
        analyser.statement_report("00000000-0000-0000-0000-000000000000")


def test_finbox_names_what_is_wrong_with_a_file(sandbox):
    with pytest.raises(ProviderRejected) as caught:
        sandbox.client(FinboxClient).submit_statement(
            StatementFile(locked(FILE, "x"), "s1.pdf", password="y")
        )
    assert caught.value.code == "PASSWORD_INCORRECT"


def test_scoremes_credentials_go_to_nobody_else(upstream):
    told = {
        "responseCode": "SRC001",
        "responseMessage": "",
        "data": {"jsonUrl": "https://elsewhere.example/r.json"},
    }
    upstream.plays(Scripted(body=json.dumps(told).encode()))
    settings = ProviderSettings(upstream.url, {"client_id": "a", "client_secret": "b"})
    with pytest.raises(ProviderMalformed, match="own host"):
        ScoremeClient(settings, "qualoan", breakers=Breakers()).statement_report("r1")
    assert len(upstream.received) == 1


# what is made of the reports


def rows(statement: Statement):
    (account,) = evidence(statement)
    return account.transactions.collect().drop("txn_id", "account_ref", "value_date")


def test_finbox_transactions_are_those_that_we_read(sandbox):
    theirs = read_vendor("finbox", report_of(sandbox.client(FinboxClient))).statement
    assert_frame_equal(rows(theirs), rows(read_statement(FILE)))


def test_cart_dates_are_milliseconds_and_its_returns_are_bounces():
    report = {
        "status": "Processed",
        "data": [
            {
                "camAnalysisData": {
                    "inwardReturnCount": 2,
                    "averageBalance": 1200.5,
                    "camAnalysisMonthly": [{"month": "Jan 2026", "customDayBalances": {"5": 10, "30": 99.5}}],
                },
                "salary": [
                    {"month": "Jan 2026", "totalSalary": 50000.0},
                    {"month": "Feb 2026", "totalSalary": 51000},
                ],
                "emi": [
                    {"commonEntity": "BAJAJ", "amount": 2500.0},
                    {"commonEntity": "TATA", "amount": "1,000.50"},
                ],
            }
        ],
    }
    assert read_vendor("cart", report).figures == Figures(
        Decimal("50500.00"), Decimal("3500.50"), 2, Decimal("1200.50"), {"2026-01": Decimal("99.50")}
    )


@pytest.mark.parametrize("provider", ["cart", "finbox"])
def test_a_report_of_another_shape_is_told(provider):
    with pytest.raises(ValueError, match="another shape"):
        read_vendor(provider, {"status": "Processed"})


def test_only_what_differs_is_listed():
    ours = Figures(
        Decimal(50000), Decimal(2500), 1, Decimal(900), {"2026-01": Decimal(10), "2026-02": Decimal(20)}
    )
    theirs = Figures(Decimal(51000), Decimal(9000), 3, None, {"2026-01": Decimal(10), "2026-02": Decimal(21)})
    assert [
        (line["figure"], line.get("month"), line["difference"]) for line in differences(ours, theirs)
    ] == [
        ("emi_monthly", None, "6500"),
        ("bounce_count", None, "2"),
        ("closing_balance", "2026-02", "1"),
    ]
