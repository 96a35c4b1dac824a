"""How customers are told of a bureau: its name, and how they get their own report of it."""

from typing import NamedTuple


class Company(NamedTuple):
    """A credit information company. By law each gives everybody one full report a year for nothing."""

    name: str
    free_report_url: str


COMPANIES = {
    "cibil": Company("TransUnion CIBIL Limited", "https://www.cibil.com/freecibilscore"),
    "equifax": Company("Equifax Credit Information Services Private Limited", "https://www.equifax.co.in"),
    "crif": Company(
        "CRIF High Mark Credit Information Services Private Limited", "https://www.crifhighmark.com"
    ),
    "experian": Company(
        "Experian Credit Information Company of India Private Limited", "https://www.experian.in"
    ),
}
