"""Records of NACH: what is written is 306 letters wide, exact, and is read back as it was."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.payments.presentations import nach_layout
from app.payments.presentations import reading as response_reading
from app.payments.presentations.nach_layout import Item, User

USER = User("QUALOAN", "NACH00000000013149", "ICIC0000001")
DAY = date(2026, 5, 1)
amounts = st.decimals("0.01", "10000000.00", places=2)
names = st.sampled_from(["ASHA VERMA", "Renée D'Souza", "आशा", "x" * 60, ""])


def item(amount: str | Decimal = "26000.05", **changes: str) -> Item:
    known = {
        "reference": "QUAL000042P1",
        "holder_name": "ASHA",
        "account_number": "00123456",
        "ifsc": "HDFC0000053",
    }
    return Item(**known | {"umrn": "HDFC7021805230000120"} | changes, amount=Decimal(amount))


@settings(max_examples=25)
@given(st.lists(st.tuples(amounts, names), max_size=5))
def test_every_paisa_is_in_the_records_and_in_their_sum(debits: list[tuple[Decimal, str]]):
    data = nach_layout.write(USER, DAY, [item(amount, holder_name=name) for amount, name in debits])
    head, *records = data.decode("ascii").split("\r\n")[:-1]
    assert {len(line) for line in (head, *records)} == {306}
    assert Decimal(head[112:125]) / 100 == sum(amount for amount, _ in debits)
    assert [answer.amount for answer in nach_layout.read(data)] == [amount for amount, _ in debits]


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": "0.00"},
        {"amount": "1.005"},
        {"amount": "10000000.01"},
        {"umrn": "X" * 21},
        {"account_number": "1" * 36},
        {"reference": "R" * 31},
    ],
)
def test_what_does_not_fit_is_refused_and_never_cut(changes: dict[str, str]):
    with pytest.raises(ValueError, match=r"fit|debited"):
        nach_layout.write(USER, DAY, [item(**changes)])


def answered(flag: str, reason: str) -> bytes:
    """The file that went out as the bank sends it back."""
    head, record = nach_layout.write(USER, DAY, [item()]).splitlines()
    record = record[:133] + b"4764222450" + record[143:153] + f"{flag}{reason}".encode() + record[156:]
    return head + b"\n" + record + b"\n"


@pytest.mark.parametrize(
    ("flag", "reason", "status", "code"),
    [
        ("1", "00", "PAID", None),
        ("0", "04", "RETURNED", "04"),
        ("2", "21", "RETURNED", "21"),
        ("3", "00", "PENDING", None),
    ],
)
def test_a_response_is_the_same_record_with_flag_and_reason(
    flag: str, reason: str, status: str, code: str | None
):
    (row,) = response_reading.rows(answered(flag, reason))
    assert (row.reference, row.status, row.code) == ("QUAL000042P1", status, code)
    assert (row.amount, row.bank_reference, row.fault) == (Decimal("26000.05"), "4764222450", None)


def test_a_record_with_what_is_no_letter_is_refused_by_its_line():
    data = nach_layout.write(USER, DAY, [item(), item()])
    with pytest.raises(ValueError, match="line 3"):
        list(nach_layout.read(data[:-9] + b"\0" + data[-8:]))


def test_a_row_that_was_not_answered_is_told_alone():
    (row,) = response_reading.rows(answered(" ", "  "))
    assert (row.reference, row.fault) == ("QUAL000042P1", "The status is a word that is not known.")
