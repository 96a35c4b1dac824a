import base64
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from pipelines import EvidenceError, read_fi_object, read_fi_objects
from pipelines.frames import TRANSACTIONS

XML = """<?xml version="1.0" encoding="UTF-8"?>
<Account xmlns="http://api.rebit.org.in/FISchema/deposit" type="deposit" version="1.1"
         maskedAccNumber="XXXXXX4321" linkedAccRef="REF-77">
  <Profile><Holders type="JOINT">
    <Holder name="MEERA IYER" dob="1991-02-03" mobile="9000000099" nominee="NOT-REGISTERED"
            pan="ABCPI1234K" email=""/>
    <Holder name="ARUN IYER" dob="1988-07-09" mobile="9000000098" nominee="REGISTERED"/>
  </Holders></Profile>
  <Summary currentBalance="9,550.00" currency="INR" balanceDateTime="2026-05-02T10:00:00+05:30" type="SAVINGS"
           branch="Pune" ifscCode="kkbk0000123" openingDate="2018-01-01" status="ACTIVE"/>
  <Transactions startDate="2026-04-01" endDate="2026-05-01">
    <Transaction txnId="M1" type="CREDIT" mode="FT" amount="10000" currentBalance="10000.00"
                 transactionTimestamp="2026-04-14T23:59:59+05:30" valueDate="2026-04-14"
                 narration="NEFT CR-X" reference="R1"/>
    <Transaction txnId="M2" type="DEBIT" mode="OTHERS" amount="450.0" currentBalance="9550.00"
                 transactionTimestamp="2026-04-15T01:20:00" valueDate="2026-04-15"
                 narration="UPI-Y" reference=""/>
  </Transactions>
</Account>"""


def as_json() -> dict[str, Any]:
    holders = [{"name": "MEERA IYER", "pan": "ABCPI1234K"}, {"name": "ARUN IYER"}]
    rows = [
        {"txnId": "M1", "type": "CREDIT", "mode": "FT", "amount": 10000, "currentBalance": "10000.00",
         "transactionTimestamp": "2026-04-14T18:29:59.000+0000", "valueDate": "2026-04-14",
         "narration": "NEFT CR-X", "reference": "R1"},
        {"txnId": "M2", "type": "DEBIT", "mode": "OTHERS", "amount": "450.0", "currentBalance": 9550.0,
         "transactionTimestamp": "2026-04-14T19:50:00Z", "valueDate": "2026-04-15T00:00:00.000+0000",
         "narration": "UPI-Y", "reference": None},
    ]  # fmt: skip
    return {
        "type": "DEPOSIT",
        "version": "2.0.0",
        "maskedAccNumber": "XXXXXX4321",
        "linkedAccRef": "REF-77",
        "Profile": {"Holders": {"type": "JOINT", "Holder": holders}},
        "Summary": {"currentBalance": 9550, "type": "SAVINGS", "ifscCode": "KKBK0000123", "Pending": []},
        "Transactions": {"startDate": "2026-04-01", "endDate": "2026-05-01", "Transaction": rows},
    }


def test_it_works():
    account = read_fi_object(XML, statement_id="app-1")
    first, second = account.transactions.collect().rows(named=True)
    assert account.profile.masked_number == "XXXXXX4321"
    assert first["statement_id"] == "app-1"
    assert (first["side"], first["amount"], first["balance"]) == (
        "CR",
        Decimal("10000.00"),
        Decimal("10000.00"),
    )
    assert (second["side"], second["narration"]) == ("DR", "UPI-Y")


def test_the_schema_is_the_one_of_the_room():
    assert read_fi_object(XML).transactions.collect_schema() == TRANSACTIONS


def test_the_profile():
    profile = read_fi_object(XML).profile
    assert [holder.name for holder in profile.holders] == ["MEERA IYER", "ARUN IYER"]
    assert (profile.holders[0].pan, profile.holders[0].email) == ("ABCPI1234K", None)
    assert (profile.ifsc, profile.account_type) == ("KKBK0000123", "SAVINGS")
    assert (profile.current_balance, profile.opened_on) == (Decimal("9550.00"), date(2018, 1, 1))


def test_xml_and_json_say_the_same():
    xml, from_json = read_fi_object(XML), read_fi_object(as_json())
    assert xml.transactions.collect().equals(from_json.transactions.collect())
    assert xml.profile.account_ref == from_json.profile.account_ref


def test_json_text_keeps_paise_exact():
    text = json.dumps(as_json()).replace("9550.0", "9550.10")
    assert read_fi_object(text).transactions.collect()["balance"][1] == Decimal("9550.10")


@pytest.mark.parametrize("payload", [XML, XML.encode(), "\ufeff" + XML, json.dumps(as_json())])
def test_a_document_encoded_once_more(payload: str | bytes):
    raw = payload if isinstance(payload, bytes) else payload.encode()
    wrapped = base64.encodebytes(raw).decode()
    assert read_fi_object(wrapped).transactions.collect().height == 2


def test_a_stamp_without_offset_is_indian_time():
    stamps = read_fi_object(XML).transactions.collect()["txn_at"].to_list()
    assert stamps[1] == datetime(2026, 4, 14, 19, 50, tzinfo=UTC)


def test_a_single_holder_and_a_single_transaction_may_be_objects():
    payload = as_json()
    payload["Profile"]["Holders"]["Holder"] = {"name": "MEERA IYER"}
    payload["Transactions"]["Transaction"] = payload["Transactions"]["Transaction"][0]
    account = read_fi_object(payload)
    assert len(account.profile.holders) == account.transactions.collect().height == 1


def test_keys_may_be_spelled_in_lower_case_and_wrapped():
    payload = {"account": json.loads(json.dumps(as_json()).replace('"Profile"', '"profile"'))}
    assert len(read_fi_object(payload).profile.holders) == 2


def test_an_account_without_transactions():
    payload = as_json() | {"Transactions": {"startDate": "2026-04-01", "endDate": "2026-05-01"}}
    assert read_fi_object(payload).transactions.collect().is_empty()


def test_an_unknown_balance_stays_unknown():
    payload = as_json()
    payload["Transactions"]["Transaction"][0]["currentBalance"] = ""
    assert read_fi_object(payload).transactions.collect()["balance"].to_list() == [None, Decimal("9550.00")]


def test_ids_used_twice_are_told_apart():
    payload = as_json()
    payload["Transactions"]["Transaction"][1]["txnId"] = "M1"
    assert read_fi_object(payload).transactions.collect()["txn_id"].to_list() == ["M1", "M1#2"]


def test_a_blank_id_is_made_from_the_content():
    payload = as_json()
    payload["Transactions"]["Transaction"][0]["txnId"] = ""
    assert (
        read_fi_object(payload).transactions.collect()["txn_id"][0] == "20260414T182959-CR-10000.00-10000.00"
    )


def test_several_objects_share_the_statement():
    accounts = read_fi_objects([XML, as_json()], statement_id="app-2")
    assert {account.transactions.collect()["statement_id"][0] for account in accounts} == {"app-2"}


def test_a_doctype_is_refused_before_any_entity_is_read():
    bomb = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><Account type="deposit">&y;</Account>'
    with pytest.raises(EvidenceError, match="DOCTYPE"):
        read_fi_object(bomb)


@pytest.mark.parametrize(
    "payload",
    ["", "x", "<a", "{", "[]", '"text"', b"\xff\xfe\x00", "PEFjY291bnQ+", "[" * 50_000, "<a b='1'>" * 9_000],
)
def test_what_is_no_document_is_refused(payload: str | bytes):
    with pytest.raises(EvidenceError) as refused:
        read_fi_object(payload)
    assert refused.value.field == "fiObject" or refused.value.field.startswith("Account")


def test_a_payload_of_the_wrong_kind_is_refused():
    with pytest.raises(EvidenceError):
        read_fi_object(None)


def test_control_characters_are_left_out():
    payload = as_json()
    payload["Transactions"]["Transaction"][0]["narration"] = "NEFT\x00 CR\x1b"
    assert read_fi_object(payload).transactions.collect()["narration"][0] == "NEFT CR"


@pytest.mark.parametrize("balance", ["NaN", "Infinity", "lots"])
def test_a_malformed_balance_is_refused(balance: str):
    with pytest.raises(EvidenceError) as refused:
        read_fi_object(as_json() | {"Summary": {"currentBalance": balance}})
    assert refused.value.field == "Summary.currentBalance"


def test_another_kind_of_account_is_refused():
    with pytest.raises(EvidenceError) as refused:
        read_fi_object(as_json() | {"type": "mutual_funds"})
    assert refused.value.field == "Account.type"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "MAYBE"),
        ("transactionTimestamp", "0001-01-01T00:00:00Z"),
        ("amount", "ten"),
        ("amount", "Infinity"),
        ("narration", "\ud800"),
        ("amount", "-5"),
        ("amount", ""),
        ("currentBalance", "lots"),
        ("transactionTimestamp", "yesterday"),
        ("transactionTimestamp", ""),
        ("valueDate", "31-02-2026"),
        ("narration", {"text": "x"}),
    ],
)
def test_a_malformed_transaction_names_its_field(name: str, value: object):
    payload = as_json()
    payload["Transactions"]["Transaction"][1][name] = value
    with pytest.raises(EvidenceError) as refused:
        read_fi_object(payload)
    assert refused.value.field == f"Transactions.Transaction[1].{name}"


def test_a_reason_never_repeats_the_value():
    payload = as_json()
    payload["Transactions"]["Transaction"][0]["amount"] = "MEERA 9000000099"
    with pytest.raises(EvidenceError) as refused:
        read_fi_object(payload)
    assert "9000000099" not in str(refused.value)
