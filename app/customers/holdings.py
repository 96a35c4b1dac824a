"""What this domain holds of people."""

from app.core.holding import Holding
from app.customers.models import Customer, CustomerReference, IdentityPaper

_TOLD = (
    "email", "email_hash", "name", "gender", "dob", "pan", "pan_hash", "aadhaar_last4", "aadhaar_hash", "aadhaar_name",
    "address", "declared_monthly_salary", "salary_mode", "employment_type", "identity_hash", "city",
    "current_address", "alternate_phone", "employer_name", "designation", "office_email", "salary_day",
    "father_name", "mother_name", "spouse_name", "marital_status", "permanent_residence", "home_phone",
    "employer_address", "office_phone", "office_extension",
)  # fmt: skip

HOLDINGS = (
    Holding("identity", IdentityPaper, customer=IdentityPaper.customer_id, deleted=True),
    Holding(
        "identity",
        CustomerReference,
        customer=CustomerReference.customer_id,
        deleted=True,
        untold=frozenset({"phone_hash"}),
    ),
    Holding(
        "identity",
        Customer,
        customer=Customer.id,
        blank={
            **dict.fromkeys(_TOLD),
            "name_hash": [],
            "phone": "",
            # unique in the brand, and found by no phone
            "phone_hash": lambda customer: f"erased:{customer.id}",
            "utm": {},
            "is_active": False,
        },
    ),
)
