"""Papers of a customer besides PAN and Aadhaar, as they tell them: nothing needs them but the files for the bureaus."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core import audit
from app.customers.models import Customer, IdentityPaper


@dataclass(frozen=True)
class Form:
    """How a number is written, without blanks and dashes; `example` is nobody's."""

    pattern: str
    example: str

    def fits(self, number: str) -> bool:
        return re.fullmatch(self.pattern, number, re.ASCII) is not None


# As the passport offices, the Election Commission, the transport departments and the CKYC registry write them; each
# state numbers ration and job cards in its own way.
KINDS: Mapping[str, Form] = {
    "PASSPORT": Form(r"[A-PR-WY][1-9][0-9]{5}[1-9]", "M1234567"),
    "VOTER_ID": Form(r"[A-Z]{3}[0-9]{7}", "ABC1234567"),
    "DRIVING_LICENCE": Form(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{5,12}", "DL0420110012345"),
    "RATION_CARD": Form(r"[A-Z0-9]{8,20}", "123456789012"),
    "NREGA_JOB_CARD": Form(r"[A-Z]{2}[A-Z0-9/]{6,30}", "WB08012004001/123"),
    "CKYC": Form(r"[1-9][0-9]{13}", "50012345678901"),
}


def replace(customer_id: UUID | str, told: Sequence[Mapping[str, Any]]) -> list[IdentityPaper]:
    """Keep these, each with kind, number and days, in place of those before."""
    customer = Customer.find(customer_id).locked()
    IdentityPaper.delete().where(IdentityPaper.customer_id == customer.id).execute()
    for one in told:
        IdentityPaper.create(customer_id=customer.id, **one)
    kinds = sorted(one["kind"] for one in told)
    audit.record("customer.identity_papers", "customer", customer.id, after={"kinds": kinds})
    return of_customer(customer.id)


def of_customer(customer_id: UUID | str) -> list[IdentityPaper]:
    """By kind."""
    mine = IdentityPaper.customer_id == customer_id
    return list(IdentityPaper.select().where(mine).order_by(IdentityPaper.kind))
