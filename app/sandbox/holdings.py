"""Everything that a sandbox person holds with banks and others, as Account Aggregators find and deliver it.

Five accounts with four information providers (FIPs), in both formats that real ones use:

    DEPOSIT            HDFC-FIP    savings account of ledger.py, XML
    TERM_DEPOSIT       ICICI-FIP   JSON
    RECURRING_DEPOSIT  ICICI-FIP   XML
    OTHER              CARD-FIP    credit card, JSON
    OTHER              EPFO-FIP    provident fund, XML
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

from app.sandbox import aa_crypto
from app.sandbox.base import INDIA
from app.sandbox.fi_data import deposit_xml, link_ref_number, masked_account_number
from app.sandbox.person import Person, months_before

EPF_SHARE = Decimal("0.12")


@dataclass(frozen=True)
class Held:
    """One account: where it is, and what its provider writes about it for the days from start to end."""

    fip_id: str
    fi_type: str
    account_type: str
    link_ref_number: str
    masked_account_number: str
    document: Callable[[date, date, datetime], bytes]

    def linked(self) -> dict[str, str]:
        """As the consent artefact names it."""
        return {
            "fiType": self.fi_type,
            "fipId": self.fip_id,
            "accType": self.account_type,
            "linkRefNumber": self.link_ref_number,
            "maskedAccNumber": self.masked_account_number,
        }


def accounts_of(person: Person, fi_types: Iterable[str]) -> list[Held]:
    """What the person holds of these types."""
    held = [
        Held(
            "HDFC-FIP",
            "DEPOSIT",
            "SAVINGS",
            link_ref_number(person),
            masked_account_number(person),
            lambda start, end, now: deposit_xml(person, start, end, now),
        ),
        _held(person, "ICICI-FIP", "TERM_DEPOSIT", "FIXED", _term_deposit),
        _held(person, "ICICI-FIP", "RECURRING_DEPOSIT", "RECURRING", _recurring_deposit),
        _held(person, "CARD-FIP", "OTHER", "CREDIT_CARD", _credit_card),
        _held(person, "EPFO-FIP", "OTHER", "EPF", _provident_fund),
    ]
    wanted = set(fi_types)
    return [account for account in held if account.fi_type in wanted]


def delivered(held: Held, days: tuple[date, date], today: date, key_material: Any) -> dict[str, Any]:
    """One entry of an FI answer, encrypted for whoever asked. Raises ValueError: not X25519 key material."""
    now = datetime.combine(today, datetime.now(INDIA).time(), INDIA)
    try:
        encrypted, material = aa_crypto.encrypt(held.document(*days, now), key_material)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("not X25519 key material") from error
    account = {
        "linkRefNumber": held.link_ref_number,
        "maskedAccNumber": held.masked_account_number,
        "encryptedFI": encrypted,
    }
    return {"fipID": held.fip_id, "data": [account], "KeyMaterial": material}


Writer = Callable[[Person, dict[str, str], date, date, datetime], bytes]


def _held(person: Person, fip_id: str, fi_type: str, account_type: str, write: Writer) -> Held:
    number = int.from_bytes(hashlib.sha256(f"{account_type}:{person.account_number}".encode()).digest()[:5])
    head = {
        "maskedAccNumber": f"XXXXXXXX{number % 10_000:04}",
        "linkedAccRef": hashlib.sha256(f"link:{account_type}:{number}".encode()).hexdigest()[:32],
        "version": "2.0.0",
    }
    return Held(
        fip_id,
        fi_type,
        account_type,
        head["linkedAccRef"],
        head["maskedAccNumber"],
        lambda start, end, now: write(person, head, start, end, now),
    )


def _holder(person: Person) -> dict[str, str]:
    return {
        "name": person.kyc_name,
        "dob": person.date_of_birth.isoformat(),
        "mobile": person.phone,
        "email": person.email,
        "pan": person.pan,
        "nominee": "NOT-REGISTERED",
        "ckycCompliance": "true",
    }


def _term_deposit(person: Person, head: dict[str, str], start: date, end: date, now: datetime) -> bytes:
    opened = now.date() - timedelta(days=200)
    summary = {
        "openingDate": opened.isoformat(),
        "accountType": "FIXED",
        "branch": "PUNE",
        "ifsc": "ICIC0000007",
        "maturityAmount": "53500.00",
        "maturityDate": (opened + timedelta(days=365)).isoformat(),
        "interestPayout": "OnMaturity",
        "interestRate": "7.00",
        "principalAmount": "50000.00",
        "tenureDays": "0",
        "tenureMonths": "12",
        "tenureYears": "0",
        "interestComputation": "COMPOUND",
        "compoundingFrequency": "QUARTERLY",
        "currentValue": "51900.00",
    }
    holders = {"type": "SINGLE", "Holder": [_holder(person)]}
    body = head | {"type": "term_deposit", "Profile": {"Holders": holders}, "Summary": summary}
    return json.dumps({"Account": body | {"Transactions": {"Transaction": []}}}).encode()


def _recurring_deposit(person: Person, head: dict[str, str], start: date, end: date, now: datetime) -> bytes:
    opened = months_before(now.date(), 9)
    summary = {
        "openingDate": opened.isoformat(),
        "accountType": "RECURRING",
        "branch": "PUNE",
        "ifsc": "ICIC0000007",
        "maturityAmount": "24900.00",
        "maturityDate": (opened + timedelta(days=365)).isoformat(),
        "interestRate": "6.75",
        "principalAmount": "18000.00",
        "tenureMonths": "12",
        "recurringAmount": "2000.00",
        "recurringDepositDay": "7",
        "currentValue": "18600.00",
    }
    return _xml("recurring_deposit", head, person, summary, [], start, end)


def _credit_card(person: Person, head: dict[str, str], start: date, end: date, now: datetime) -> bytes:
    statement = now.date().replace(day=1)
    summary = {
        "currentDue": "12400.00",
        "lastStatementDate": statement.isoformat(),
        "dueDate": (statement + timedelta(days=18)).isoformat(),
        "previousDueAmount": "9800.00",
        "totalDueAmount": "12400.00",
        "minDueAmount": "620.00",
        "creditLimit": "150000.00",
        "cashLimit": "30000.00",
        "availableCredit": "137600.00",
        "loyaltyPoints": "210",
        "financeCharges": "0.00",
    }
    days = [
        day for day in (statement - timedelta(days=back) for back in (40, 22, 9, 3)) if start <= day <= end
    ]
    rows = [
        {
            "txnId": f"CC{day:%Y%m%d}",
            "txnType": "CREDIT" if back == 0 else "DEBIT",
            "txnDate": day.isoformat(),
            "amount": f"{1800 + 450 * back}.00",
            "valueDate": day.isoformat(),
            "narration": "PAYMENT RECEIVED" if back == 0 else "AMAZON PAY INDIA",
            "statementDate": statement.isoformat(),
            "mcc": "5411",
            "maskedCardNumber": head["maskedAccNumber"],
        }
        for back, day in enumerate(days)
    ]
    card = {"cardType": "RUPAY", "primary": "YES", "issuedDate": "2021-04-12"}
    holder = _holder(person) | {"Cards": {"Card": card | {"maskedCardNumber": head["maskedAccNumber"]}}}
    body = head | {"type": "credit_card", "Profile": {"Holders": {"Holder": holder}}, "Summary": summary}
    return json.dumps({"Account": body | {"Transactions": {"Transaction": rows}}}).encode()


def _provident_fund(person: Person, head: dict[str, str], start: date, end: date, now: datetime) -> bytes:
    """A contribution on the 15th of every month of employment, of a fixed share of the first salary known."""
    today = now.date()
    joined, left = person.joined_on(today), person.left_on(today) or today
    wage = next((salary for salary in person.persona.salaries if salary), Decimal(20000))
    share = f"{(wage * EPF_SHARE).quantize(Decimal(1)):.2f}"
    days = [months_before(today, back).replace(day=15) for back in range(24)]
    rows = [
        {
            "txnId": f"EPF{day:%Y%m}",
            "txnDate": day.isoformat(),
            "narration": f"Cont. for {day:%m%Y}",
            "type": "DEPOSIT",
            "employeeDepositAmount": share,
            "employerDepositAmount": share,
            "employeeWithdrawalAmount": "0.00",
            "employerWithdrawalAmount": "0.00",
            "pensionFundAmount": "1250.00",
        }
        for day in sorted(days)
        if max(start, joined) <= day <= min(end, left, today)
    ]
    months = person.persona.joined_months_ago
    summary = {
        "openingDate": joined.isoformat(),
        "establishmentId": "MHBAN0000042000",
        "establishmentName": person.persona.employer,
        "employeeBalance": f"{Decimal(share) * months:.2f}",
        "employerBalance": f"{Decimal(share) * months:.2f}",
        "totalBalance": f"{Decimal(share) * months * 2:.2f}",
        "currentBalance": f"{Decimal(share) * months * 2:.2f}",
    }
    return _xml("epf", head, person, summary, rows, start, end, uan=person.uan)


def _xml(
    fi_type: str,
    head: dict[str, str],
    person: Person,
    summary: dict[str, str],
    rows: list[dict[str, str]],
    start: date,
    end: date,
    **holder: str,
) -> bytes:
    namespace = f"http://api.rebit.org.in/FISchema/{fi_type}"
    ElementTree.register_namespace("", namespace)

    def child(parent: ElementTree.Element, tag: str, attributes: dict[str, str]) -> ElementTree.Element:
        return ElementTree.SubElement(parent, f"{{{namespace}}}{tag}", attributes)

    account = ElementTree.Element(f"{{{namespace}}}Account", head | {"type": fi_type})
    child(child(child(account, "Profile", {}), "Holders", {}), "Holder", _holder(person) | holder)
    child(account, "Summary", summary)
    transactions = child(
        account, "Transactions", {"startDate": start.isoformat(), "endDate": end.isoformat()}
    )
    for row in rows:
        child(transactions, "Transaction", row)
    return ElementTree.tostring(account, encoding="utf-8", xml_declaration=True)
