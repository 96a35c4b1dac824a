"""What bureaus call loans, their owners and their states, as far as a lender decides on them.

CIBIL writes two-digit codes, for enquiry purposes too; Equifax and CRIF write words (labels). An account type that
is not listed is of unknown security: it counts as neither secured nor unsecured.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """secured: collateral stands behind it (None: cannot be told). revolving: a card or overdraft."""

    name: str
    secured: bool | None = None
    revolving: bool = False


SHORT_TERM_PERSONAL_LOAN = "SHORT_TERM_PERSONAL_LOAN"

CIBIL_PRODUCTS: dict[str, Product] = {
    "00": Product("OTHER"),
    "01": Product("AUTO_LOAN", secured=True),
    "02": Product("HOUSING_LOAN", secured=True),
    "03": Product("PROPERTY_LOAN", secured=True),
    "04": Product("LOAN_AGAINST_SHARES", secured=True),
    "05": Product("PERSONAL_LOAN", secured=False),
    "06": Product("CONSUMER_LOAN", secured=False),
    "07": Product("GOLD_LOAN", secured=True),
    "08": Product("EDUCATION_LOAN"),
    "09": Product("LOAN_TO_PROFESSIONAL", secured=False),
    "10": Product("CREDIT_CARD", secured=False, revolving=True),
    "11": Product("LEASING", secured=True),
    "12": Product("OVERDRAFT", revolving=True),
    "13": Product("TWO_WHEELER_LOAN", secured=True),
    "14": Product("NON_FUNDED_FACILITY"),
    "15": Product("LOAN_AGAINST_DEPOSITS", secured=True),
    "16": Product("FLEET_CARD", secured=False, revolving=True),
    "17": Product("COMMERCIAL_VEHICLE_LOAN", secured=True),
    "18": Product("TELCO_WIRELESS"),
    "19": Product("TELCO_BROADBAND"),
    "20": Product("TELCO_LANDLINE"),
    "21": Product("SELLER_FINANCING"),
    "23": Product("GECL_SECURED", secured=True),
    "24": Product("GECL_UNSECURED", secured=False),
    "31": Product("SECURED_CREDIT_CARD", secured=True, revolving=True),
    "32": Product("USED_CAR_LOAN", secured=True),
    "33": Product("CONSTRUCTION_EQUIPMENT_LOAN", secured=True),
    "34": Product("TRACTOR_LOAN", secured=True),
    "35": Product("CORPORATE_CREDIT_CARD", secured=False, revolving=True),
    "36": Product("KISAN_CREDIT_CARD", revolving=True),
    "37": Product("LOAN_ON_CREDIT_CARD", secured=False),
    "38": Product("PMJDY_OVERDRAFT", secured=False, revolving=True),
    "39": Product("MUDRA_LOAN", secured=False),
    "40": Product("MICROFINANCE_BUSINESS_LOAN", secured=False),
    "41": Product("MICROFINANCE_PERSONAL_LOAN", secured=False),
    "42": Product("MICROFINANCE_HOUSING_LOAN"),
    "43": Product("MICROFINANCE_OTHER", secured=False),
    "44": Product("PMAY_HOUSING_LOAN", secured=True),
    "45": Product("P2P_PERSONAL_LOAN", secured=False),
    "46": Product("P2P_AUTO_LOAN", secured=True),
    "47": Product("P2P_EDUCATION_LOAN", secured=False),
    "50": Product("BUSINESS_LOAN_SECURED", secured=True),
    "51": Product("BUSINESS_LOAN"),
    "52": Product("BUSINESS_LOAN_PRIORITY_SMALL"),
    "53": Product("BUSINESS_LOAN_PRIORITY_AGRICULTURE"),
    "54": Product("BUSINESS_LOAN_PRIORITY_OTHER"),
    "55": Product("BUSINESS_NON_FUNDED"),
    "56": Product("BUSINESS_NON_FUNDED_PRIORITY_SMALL"),
    "57": Product("BUSINESS_NON_FUNDED_PRIORITY_AGRICULTURE"),
    "58": Product("BUSINESS_NON_FUNDED_PRIORITY_OTHER"),
    "59": Product("BUSINESS_LOAN_AGAINST_DEPOSITS", secured=True),
    "60": Product("STAFF_LOAN"),
    "61": Product("BUSINESS_LOAN_UNSECURED", secured=False),
    "69": Product(SHORT_TERM_PERSONAL_LOAN, secured=False),
    "70": Product("PRIORITY_GOLD_LOAN", secured=True),
    "71": Product("TEMPORARY_OVERDRAFT", secured=False, revolving=True),
    "98": Product("SECURED_GROUP", secured=True),
    "99": Product("UNSECURED_GROUP", secured=False),
}

WRITTEN_OFF, SETTLED, RESTRUCTURED = "WRITTEN_OFF", "SETTLED", "RESTRUCTURED"

# Written-off and settled status. "00" is a restructured loan, not "none"; 05, 07 and 99 (sold, purchased,
# clear) say nothing bad about the borrower.
CIBIL_CONDITIONS: dict[str, str] = {
    "00": RESTRUCTURED,
    "01": RESTRUCTURED,
    "02": WRITTEN_OFF,
    "03": SETTLED,
    "04": SETTLED,
    "06": WRITTEN_OFF,
    "08": WRITTEN_OFF,
    "09": SETTLED,
    "10": RESTRUCTURED,
    "11": RESTRUCTURED,
    "12": RESTRUCTURED,
    "13": WRITTEN_OFF,
    "14": RESTRUCTURED,
    "15": SETTLED,
    "16": SETTLED,
    "17": WRITTEN_OFF,
}

CIBIL_PAYMENTS_PER_YEAR: dict[str, int] = {"01": 52, "02": 26, "03": 12, "04": 4}

CIBIL_OWNERSHIP: dict[str, str] = {
    "01": "INDIVIDUAL",
    "02": "AUTHORISED_USER",
    "03": "GUARANTOR",
    "04": "JOINT",
}

CIBIL_ID_TYPES: dict[str, str] = {
    "01": "PAN",
    "02": "PASSPORT",
    "03": "VOTER_ID",
    "04": "DRIVING_LICENCE",
    "05": "RATION_CARD",
    "06": "UID",
}

# An asset class instead of a number of days: the least days past due that the class means. STD is paid within
# 90 days, so it proves none; SMA is at least a month overdue; doubtful is sub-standard for twelve months.
ASSET_CLASS_DAYS: dict[str, int | None] = {
    "XXX": None,
    "STD": 0,
    "SMA": 30,
    "SUB": 91,
    "DBT": 456,
    "LSS": 456,
}

# --- words ---------------------------------------------------------------------------------------------

# Labels that are not the product's name read aloud.
_ALIASES: dict[str, tuple[str, ...]] = {
    "01": ("AUTO LOAN PERSONAL", "CAR LOAN", "VEHICLE LOAN"),
    "02": ("HOME LOAN",),
    "03": ("LOAN AGAINST PROPERTY", "MORTGAGE LOAN"),
    "04": ("LOAN AGAINST SHARES SECURITIES",),
    "06": ("CONSUMER DURABLE LOAN", "CONSUMER DURABLES"),
    "08": ("STUDENT LOAN",),
    "12": ("OVERDRAFT ACCOUNT",),
    "13": ("TWO WHEELER",),
    "14": ("NON FUNDED CREDIT FACILITY",),
    "15": ("LOAN AGAINST BANK DEPOSITS", "LOAN AGAINST FD"),
    "23": ("GECL LOAN SECURED",),
    "24": ("GECL LOAN UNSECURED",),
    "32": ("USED CAR",),
    "38": ("PMJDY OVERDRAFT", "PRADHAN MANTRI JAN DHAN YOJANA OVERDRAFT"),
    "39": ("MUDRA LOANS SHISHU KISHOR TARUN", "MUDRA LOANS"),
    "41": ("MICRO FINANCE LOAN", "MICROFINANCE LOAN"),
    "43": ("MICROFINANCE OTHERS",),
    "50": ("BUSINESS LOAN AGAINST PROPERTY",),
    "51": ("BUSINESS LOAN GENERAL", "BUSINESS LOAN UNSPECIFIED"),
    "52": ("BUSINESS LOAN PRIORITY SECTOR SMALL BUSINESS",),
    "53": ("BUSINESS LOAN PRIORITY SECTOR AGRICULTURE",),
    "54": ("BUSINESS LOAN PRIORITY SECTOR OTHERS",),
    "59": ("BUSINESS LOAN AGAINST BANK DEPOSITS",),
    "61": ("UNSECURED BUSINESS LOAN",),
    "69": ("PAYDAY LOAN", "SHORT TERM LOAN"),
    "70": ("PRIORITY SECTOR GOLD LOAN",),
}


def _words(text: str) -> str:
    return " ".join(re.findall("[A-Z0-9]+", text.upper()))


def _labelled(aliases: Mapping[str, Iterable[str]]) -> dict[str, Product]:
    own = {_words(product.name): product for product in CIBIL_PRODUCTS.values()}
    return own | {alias: CIBIL_PRODUCTS[code] for code, names in aliases.items() for alias in names}


# Capitals with single spaces -> product.
LABELLED_PRODUCTS = _labelled(_ALIASES)

LABELLED_OWNERSHIP: dict[str, str] = {
    "INDIVIDUAL": "INDIVIDUAL",
    "PRIMARY": "INDIVIDUAL",
    "JOINT": "JOINT",
    "JOINT ACCOUNT": "JOINT",
    "GUARANTOR": "GUARANTOR",
    "AUTHORISED USER": "AUTHORISED_USER",
    "AUTHORIZED USER": "AUTHORISED_USER",
    "SUPPLEMENTARY CARD HOLDER": "AUTHORISED_USER",
    "SUPL CARD HOLDER": "AUTHORISED_USER",
}

LABELLED_PAYMENTS_PER_YEAR: dict[str, int] = {
    "WEEKLY": 52,
    "FORTNIGHTLY": 26,
    "BIWEEKLY": 26,
    "MONTHLY": 12,
    "BIMONTHLY": 6,
    "QUARTERLY": 4,
    "HALF YEARLY": 2,
    "SEMI ANNUALLY": 2,
    "ANNUALLY": 1,
    "YEARLY": 1,
}

# Words that stand anywhere in an account's status -> condition; the first that is found counts.
CONDITION_WORDS: dict[str, str] = {
    "SETTLED": SETTLED,
    "WRITTEN OFF": WRITTEN_OFF,
    "WRITE OFF": WRITTEN_OFF,
    "WRITEOFF": WRITTEN_OFF,
    "CHARGE OFF": WRITTEN_OFF,
    "CHARGED OFF": WRITTEN_OFF,
    "GUARANTEE INVOKED": WRITTEN_OFF,
    "RESTRUCTURED": RESTRUCTURED,
}

# Equifax: status of a month -> the least days past due that it means (None: it says nothing of days), and what it
# says of the account. "31+" and the like are read as numbers. A suit or a wilful default follows an NPA.
EQUIFAX_STATUSES: dict[str, tuple[int | None, str | None]] = {
    "000": (0, None),
    "NEW": (0, None),
    "CLSD": (0, None),
    "STD": (0, None),
    "SMA": (30, None),
    "SPM": (30, None),
    "FPD": (1, None),
    "SUB": (91, None),
    "DBT": (456, None),
    "LOSS": (456, None),
    "LSS": (456, None),
    "SF": (91, None),
    "SFWD": (91, None),
    "WDF": (91, None),
    "SFR": (91, RESTRUCTURED),
    "WOF": (91, WRITTEN_OFF),
    "SFWO": (91, WRITTEN_OFF),
    "WDWO": (91, WRITTEN_OFF),
    "SWDW": (91, WRITTEN_OFF),
    "SET": (None, SETTLED),
    "PWOS": (None, SETTLED),
    "RES": (None, RESTRUCTURED),
    "RGM": (None, RESTRUCTURED),
    "RNC": (None, RESTRUCTURED),
}

# Experian: one character a month -> the least days past due that it means.
EXPERIAN_PROFILE_DAYS: dict[str, int | None] = {
    "N": None,
    "?": None,
    "0": 0,
    "1": 30,
    "2": 60,
    "3": 90,
    "4": 120,
    "5": 150,
    "6": 180,
    "S": 0,
    "M": 30,
    "B": 91,
    "D": 456,
    "L": 456,
}
EXPERIAN_OWNERSHIP: dict[str, str] = {
    "01": "INDIVIDUAL",
    "02": "JOINT",
    "03": "AUTHORISED_USER",
    "07": "GUARANTOR",
}
EXPERIAN_CLOSED = ["12", "13", "14", "15", "16", "17"]
_EXPERIAN_STATUSES: dict[str, str] = {
    WRITTEN_OFF: "35 37 43 47 49 54 58 60 69 72 86 88 97 132 136",
    SETTLED: "32 33 38 44 45 50 55 56 61 66 67 73 79 81 94 134 135",
    RESTRUCTURED: "30 31 39 41 42 51 62 64 65 74 76 77 90 130 131 133",
}
EXPERIAN_CONDITIONS: dict[str, str] = {
    status: condition for condition, statuses in _EXPERIAN_STATUSES.items() for status in statuses.split()
}
