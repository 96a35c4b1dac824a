"""Deposits for a term, credit cards and provident funds out of an Account Aggregator's documents, XML and JSON."""

import base64
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipelines import EvidenceError, analyse_statement, epf_employment, fi_objects_in, read_fi_object

AS_OF = date(2026, 5, 20)
HOLDER = {"name": "MEERA IYER", "dob": "1991-02-03", "mobile": "9000000099", "pan": "ABCPI1234K"}


def fi(kind: str, summary: dict[str, str], *rows: dict[str, str], **holder: str) -> dict[str, Any]:
    """A document as JSON."""
    return {
        "type": kind,
        "version": "2.0.0",
        "maskedAccNumber": "XXXX4321",
        "linkedAccRef": "REF",
        "Profile": {"Holders": {"Holder": HOLDER | holder}},
        "Summary": summary,
        "Transactions": {"Transaction": list(rows)},
    }


def as_xml(document: dict[str, Any]) -> str:
    """The same as XML."""

    def attributes(values: dict[str, Any]) -> str:
        return " ".join(f'{name}="{value}"' for name, value in values.items() if isinstance(value, str))

    rows = "".join(f"<Transaction {attributes(row)}/>" for row in document["Transactions"]["Transaction"])
    holder = attributes(document["Profile"]["Holders"]["Holder"])
    return (
        f'<Account xmlns="http://api.rebit.org.in/FISchema/{document["type"]}" {attributes(document)}>'
        f"<Profile><Holders><Holder {holder}/></Holders></Profile><Summary {attributes(document['Summary'])}/>"
        f"<Transactions>{rows}</Transactions></Account>"
    )


TERM = fi(
    "term_deposit",
    {
        "principalAmount": "50000.00",
        "maturityDate": "2026-12-01",
        "interestRate": "7.10",
        "ifsc": "ICIC0000007",
    },
)
RECURRING = fi(
    "recurring_deposit", {"recurringAmount": "2,000.00", "currentValue": "18600.5", "tenureMonths": "12"}
)
CARD = fi(
    "credit_card",
    {"creditLimit": "150000", "totalDueAmount": "12400.00", "dueDate": "2026-05-18"},
    {"txnId": "C1", "txnType": "DEBIT", "txnDate": "2026-05-01", "amount": "450.00", "narration": "AMAZON"},
    {"txnId": "C2", "txnType": "CREDIT", "txnDate": "2026-05-03", "amount": "9800", "narration": "PAYMENT"},
)


def contribution(day: str, share: str = "1800.00", kind: str = "DEPOSIT") -> dict[str, str]:
    return {
        "txnId": day,
        "txnDate": day,
        "type": kind,
        "employeeDepositAmount": share,
        "employerDepositAmount": share,
        "pensionFundAmount": "1250.00",
    }


def fund(*rows: dict[str, str]) -> dict[str, Any]:
    summary = {
        "establishmentName": "BLUE KITE PVT LTD",
        "establishmentId": "MHBAN1",
        "totalBalance": "86400.00",
    }
    return fi("epf", summary, *rows, uan="100000000001")


EPF = fund(
    contribution("2026-05-15"),
    contribution("2026-03-31", "300.00", "INTEREST"),
    contribution("2026-04-15"),
    contribution("2025-02-15", "1500.00"),
)

KINDS = {"term": TERM, "recurring": RECURRING, "card": CARD, "epf": EPF}


@pytest.mark.parametrize("document", KINDS.values(), ids=KINDS)
def test_xml_json_and_base64_say_the_same(document: dict) -> None:
    texts = [as_xml(document), json.dumps(document), json.dumps({"Account": document})]
    texts.append(base64.b64encode(texts[0].encode()).decode())
    said = [read_fi_object(text) for text in texts]
    assert all(one.holding == said[0].holding for one in said)
    assert all(one.transactions.collect().equals(said[0].transactions.collect()) for one in said)


def test_a_term_deposit() -> None:
    found = read_fi_object(TERM)
    assert (found.kind, found.profile.ifsc) == ("TERM_DEPOSIT", "ICIC0000007")
    assert found.holding.facts == {
        "principal": Decimal("50000.00"),
        "matures_on": date(2026, 12, 1),
        "interest_rate_percent": Decimal("7.10"),
    }


def test_a_recurring_deposit() -> None:
    facts = read_fi_object(RECURRING).holding.facts
    assert (facts["instalment"], facts["current_value"]) == (Decimal("2000.00"), Decimal("18600.50"))


def test_a_credit_card_has_spends() -> None:
    found = read_fi_object(CARD)
    rows = found.transactions.collect().select("txn_id", "side", "amount", "mode").rows()
    assert rows == [("C1", "DR", Decimal("450.00"), "CARD"), ("C2", "CR", Decimal("9800.00"), "CARD")]
    assert found.holding.facts["credit_limit"] == Decimal("150000.00")


def test_a_provident_fund_shows_employment() -> None:
    found = read_fi_object(EPF)
    assert found.profile.holders[0].uan == "100000000001"
    assert epf_employment(found.holding, AS_OF) == {
        "employer": "BLUE KITE PVT LTD",
        "establishment_id": "MHBAN1",
        "contributing": True,
        "first_contribution_on": date(2025, 2, 15),
        "last_contribution_on": date(2026, 5, 15),
        "contribution_months_12m": 2,
        "wage": Decimal("15000.00"),
    }


def test_contributions_that_stopped_are_told_from_none_at_all() -> None:
    stopped = read_fi_object(fund(contribution("2025-09-15"))).holding
    assert epf_employment(stopped, AS_OF)["contributing"] is False
    assert epf_employment(read_fi_object(fund()).holding, AS_OF)["contributing"] is None
    assert epf_employment(read_fi_object(TERM).holding, AS_OF) is None


def test_holdings_do_not_move_the_bank_statement() -> None:
    report = analyse_statement([], as_of=AS_OF).report
    assert analyse_statement([read_fi_object(TERM)], as_of=AS_OF).report["months"] == report["months"]


@pytest.mark.parametrize("kind", ["TERM-DEPOSIT", "Term Deposit", "TERM_DEPOSIT"])
def test_types_are_spelt_in_several_ways(kind: str) -> None:
    assert read_fi_object(TERM | {"type": kind}).kind == "TERM_DEPOSIT"


@pytest.mark.parametrize(
    ("document", "where"),
    [
        (fi("mutual_funds", {}), "Account.type"),
        (fi("term_deposit", {"principalAmount": "many"}), "Summary.principalAmount"),
        (fi("term_deposit", {"maturityDate": "soon"}), "Summary.maturityDate"),
        (fi("term_deposit", {"interestRate": "high"}), "Summary.interestRate"),
        (fi("credit_card", {}, {"txnType": "MAYBE", "amount": "1", "txnDate": "2026-05-01"}), "txnType"),
        (fi("credit_card", {}, {"txnType": "DEBIT", "amount": "1"}), "txnDate"),
        (fund(contribution("yesterday")), "txnDate"),
        (fund(contribution("")), "txnDate"),
    ],
)
def test_what_is_malformed_names_its_place(document: dict, where: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        read_fi_object(document)
    assert refused.value.field.endswith(where)


def test_documents_are_found_in_their_wrappers() -> None:
    response = {"header": {"rid": "1"}, "body": [{"fiObjects": [TERM, CARD], "fipId": "F"}]}
    account = f"<UserAccount><accountData><![CDATA[{as_xml(EPF)}]]></accountData></UserAccount>"
    bench = f"<UserAccountTrans>{account}</UserAccountTrans>"
    kinds = [
        read_fi_object(one).kind
        for payload in (json.dumps(response), bench)
        for one in fi_objects_in(payload)
    ]
    assert kinds == ["TERM_DEPOSIT", "CREDIT_CARD", "EPF"]
    assert list(fi_objects_in(json.dumps({"header": {}, "body": {"fiRequestStatus": "PENDING"}}))) == []


BOMBS = {
    "entities": '<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><Account type="epf">&b;</Account>',
    "a file": '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><Account type="epf">&f;</Account>',
    "depth": "<a>" * 5000 + "</a>" * 5000,
    "json depth": "[" * 5000 + "]" * 5000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused(bomb: str) -> None:
    with pytest.raises(EvidenceError):
        read_fi_object(bomb)
