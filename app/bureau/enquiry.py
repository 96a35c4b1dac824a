"""What any bureau is asked about an applicant."""

from typing import Any

from app.core.errors import Conflict
from app.customers.service import Customer
from app.loans.service import Loan
from app.providers.bureau import BureauEnquiry
from pipelines.states import state_code

ADDRESS_LINES = ("house", "street", "landmark", "locality", "town", "district")


def lacks(customer: Customer) -> list[str]:
    """What a bureau has to be told and KYC has not said yet."""
    address = customer.address or {}
    told = {
        "name": customer.name,
        "pan": customer.pan,
        "date_of_birth": customer.dob,
        "gender": customer.gender,
        "pincode": address.get("pincode"),
        "state": state_code(address.get("state", "")),
    }
    return [name for name, value in told.items() if not value]


def enquiry(customer: Customer, loan: Loan, reference: str) -> BureauEnquiry:
    """Who is asked about, as PAN and Aadhaar have them. Raises Conflict naming what KYC has not told yet."""
    address, missing = customer.address or {}, lacks(customer)
    if missing:
        raise Conflict("Complete PAN and Aadhaar first.", code="KYC_INCOMPLETE", missing=missing)
    return BureauEnquiry(
        reference=reference,
        **_names(customer.name),
        date_of_birth=customer.dob,
        gender=customer.gender,
        pan=customer.pan,
        phone=customer.phone,
        address=_address(address),
        state_code=state_code(address["state"]),
        pincode=address["pincode"],
        amount=loan.applied_amount,
        city=address.get("town") or address.get("district") or "",
    )


def _names(name: str) -> dict[str, str]:
    first, *middle = name.split()
    last = middle.pop() if middle else ""
    return {"first_name": first, "middle_name": " ".join(middle), "last_name": last}


def _address(address: dict[str, Any]) -> str:
    return ", ".join(address[line] for line in ADDRESS_LINES if address.get(line))
