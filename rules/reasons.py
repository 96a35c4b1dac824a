"""Why an application ends: each code in words for staff and, by its category, in words for the customer; what rules say
by the codes that their files give them.

The customer never reads which check it was: what guards against fraud stays unsaid. CUSTOMER reasons are no verdict
on the applicant, so they cancel instead of rejecting and stay out of the reject rate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from rules.language.errors import RulesError
from rules.language.files import Folder
from rules.language.source import parse

CUSTOMER = "CUSTOMER"
SANCTION_EXPIRED = "CU95"
OFFER_DECLINED = "CU93"
WITHDRAWN = "CU90"

TOLD: dict[str, str] = {
    "ELIGIBILITY": "Your profile does not meet our age, income or location criteria.",
    "KYC": "We could not verify the identity or address details you gave.",
    "EMPLOYMENT": "We could not verify your employment as per policy.",
    "BUREAU": "Your credit report does not meet our criteria.",
    "BANKING": "Your bank statement does not meet our criteria.",
    "AFFORDABILITY": "Your existing obligations are high relative to income.",
    "OFFER": "The amount or period you asked for is outside what we offer.",
    "INTERNAL": "We are unable to process your request at this time.",
    CUSTOMER: "Your application was closed without a decision.",
}


@dataclass(frozen=True)
class Reason:
    """`staff` is what was found."""

    code: str
    category: str
    staff: str

    @property
    def customer(self) -> str:
        return TOLD[self.category]


_CATALOGUE: dict[str, dict[str, str]] = {
    "ELIGIBILITY": {
        "EL09": "Household income falls under the rules for microfinance",
        "EL10": "Age at application or at maturity",
        "EL11": "Not salaried full time",
        "EL12": "Salary is not paid into a bank account",
        "EL13": "Net salary below the minimum",
        "EL14": "City or pincode is not served",
    },
    "KYC": {
        "ID01": "PAN is not valid or not active",
        "ID02": "PAN and Aadhaar are not linked",
        "ID03": "Name differs between PAN and Aadhaar",
        "ID04": "Name differs between PAN and bank account",
        "ID05": "Date of birth differs between PAN and Aadhaar",
        "ID06": "Gender differs between Aadhaar and what was declared",
        "ID07": "Selfie does not match or is not live",
        "ID08": "Mobile number not verified or not linked to the PAN",
        "AD19": "Residence not stable",
        "AD20": "Residence differs from the Aadhaar without a proof of address",
        "AD21": "Address not found at the bureau",
        "AD22": "References missing or not usable",
        "BK23": "Bank account not verified",
        "BK24": "Statement is of another account",
    },
    "EMPLOYMENT": {
        "EM15": "Too short with the employer",
        "EM16": "Employer on the negative list or not listed",
        "EM17": "Employer's name differs between sources",
        "EM18": "Office e-mail not verified",
    },
    "BUREAU": {
        "BU25": "Bureau score",
        "BU26": "New to credit",
        "BU27": "Credit history too short",
        "BU28": "30 days past due or more of late",
        "BU29": "60 days past due or more in a year",
        "BU30": "90 days past due or substandard in two years",
        "BU31": "Written off, settled, restructured or in court",
        "BU32": "Overdue now",
        "BU33": "Enquiries in 30 days",
        "BU34": "Enquiries in 90 days",
        "BU35": "Payday loans running",
        "BU36": "Unsecured exposure",
        "BU37": "Several PANs or dates of birth at the bureau",
        "BU38": "Bureau report too old",
    },
    "BANKING": {
        "BS39": "Statement looks altered",
        "BS40": "Statement too old or too short",
        "BS41": "Salary credits missing",
        "BS42": "Salary amounts vary",
        "BS43": "Salary dates vary",
        "BS44": "Bounced payments",
        "BS45": "Average balance too low",
        "BS46": "Salary is gone within days",
        "BS47": "Credits from loan apps",
        "BS48": "Gambling or speculation",
        "BS49": "Circular credits or cash deposits",
    },
    "AFFORDABILITY": {"AF50": "FOIR after the loan"},
    "OFFER": {
        "OF57": "Amount outside the product or what is eligible",
        "OF58": "Tenure outside the product or off the pay day",
    },
    "INTERNAL": {
        "IN51": "A loan or application under the same identity",
        "IN52": "On a negative list",
        "IN53": "Conduct of earlier loans",
        "IN54": "Rejected before",
        "FR55": "Device or velocity",
        "FR56": "Negative area or exposed person",
    },
    CUSTOMER: {
        WITHDRAWN: "Customer is not interested",
        "CU91": "Documents not submitted",
        "CU92": "Customer not contactable",
        OFFER_DECLINED: "Customer declined the offer",
        "CU94": "Agreement was not signed in time",
        SANCTION_EXPIRED: "Sanction ran out",
    },
}

CATALOGUE: dict[str, Reason] = {
    code: Reason(code, category, staff)
    for category, codes in _CATALOGUE.items()
    for code, staff in codes.items()
}


def in_words(codes: str) -> str:
    """What was noted for an end, ``EM15,NOT_SALARIED``: each code or id of a rule, with its words if it has any."""
    return "; ".join(_in_words(code) for code in codes.split(","))


def _in_words(code: str) -> str:
    reason = CATALOGUE.get(code) or CATALOGUE.get(_codes_of_rules().get(code, ""))
    return f"{code}: {reason.staff}" if reason else code


@cache
def _codes_of_rules() -> dict[str, str]:
    """The code of each rule of our files, by its id. A rule that a brand wrote itself has none here."""
    return dict(_coded(Folder()))


def _coded(files: Folder) -> Iterator[tuple[str, str]]:
    for name, text in files.items():
        try:
            listed = parse(text, name).get("rules")
        except RulesError:  # whoever edits it is told elsewhere
            continue
        for rule in listed.items() if listed else ():
            told = [rule.get(key) for key in ("id", "code")]
            if all(told):
                yield told[0].shown, told[1].shown
