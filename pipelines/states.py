"""States and union territories by their two-digit code of the GST list, which bureaus use too, and their PIN codes."""

import re

import polars as pl

_NAMES = {
    "01": ("JAMMU AND KASHMIR",),
    "02": ("HIMACHAL PRADESH",),
    "03": ("PUNJAB",),
    "04": ("CHANDIGARH",),
    "05": ("UTTARAKHAND", "UTTARANCHAL"),
    "06": ("HARYANA",),
    "07": ("DELHI", "NCT OF DELHI", "NEW DELHI"),
    "08": ("RAJASTHAN",),
    "09": ("UTTAR PRADESH",),
    "10": ("BIHAR",),
    "11": ("SIKKIM",),
    "12": ("ARUNACHAL PRADESH",),
    "13": ("NAGALAND",),
    "14": ("MANIPUR",),
    "15": ("MIZORAM",),
    "16": ("TRIPURA",),
    "17": ("MEGHALAYA",),
    "18": ("ASSAM",),
    "19": ("WEST BENGAL",),
    "20": ("JHARKHAND",),
    "21": ("ODISHA", "ORISSA"),
    "22": ("CHHATTISGARH", "CHATTISGARH"),
    "23": ("MADHYA PRADESH",),
    "24": ("GUJARAT",),
    "25": ("DAMAN AND DIU",),
    "26": ("DADRA AND NAGAR HAVELI", "DADRA AND NAGAR HAVELI AND DAMAN AND DIU"),
    "27": ("MAHARASHTRA",),
    "29": ("KARNATAKA",),
    "30": ("GOA",),
    "31": ("LAKSHADWEEP",),
    "32": ("KERALA",),
    "33": ("TAMIL NADU", "TAMILNADU"),
    "34": ("PUDUCHERRY", "PONDICHERRY"),
    "35": ("ANDAMAN AND NICOBAR ISLANDS", "ANDAMAN AND NICOBAR"),
    "36": ("TELANGANA",),
    "37": ("ANDHRA PRADESH",),
    "38": ("LADAKH",),
}
_CODES = {name: code for code, names in _NAMES.items() for name in names}


def state_code(name: str) -> str | None:
    """The code of a state however it is capitalised and punctuated; None for a name that is none."""
    words = re.findall(r"[A-Z]+", name.upper().replace("&", " AND "))
    return _CODES.get(" ".join(words))


# How the PIN codes of each state begin: two digits, three where a state has a part of a postal circle.
_PINCODES = {
    "01": "18 19",
    "02": "17",
    "03": "14 15 16",
    "04": "160",
    "05": "244 245 246 247 248 249 262 263",
    "06": "12 13",
    "07": "11",
    "08": "30 31 32 33 34",
    "09": "20 21 22 23 24 25 26 27 28",
    "10": "80 81 82 84 85",
    "11": "737",
    "12": "790 791 792",
    "13": "797 798",
    "14": "795",
    "15": "796",
    "16": "799",
    "17": "793 794",
    "18": "78",
    "19": "70 71 72 73 74",
    "20": "81 82 83",
    "21": "75 76 77",
    "22": "49",
    "23": "45 46 47 48",
    "24": "36 37 38 39",
    "25": "362 396",
    "26": "362 396",
    "27": "40 41 42 43 44",
    "29": "56 57 58 59",
    "30": "403",
    "31": "682",
    "32": "67 68 69",
    "33": "60 61 62 63 64",
    "34": "533 605 607 609 673",
    "35": "744",
    "36": "50",
    "37": "507 51 52 53",
    "38": "194",
}
_PLACES = [code + start for code, starts in _PINCODES.items() for start in starts.split()]


def state_code_of(name: pl.Expr) -> pl.Expr:
    """`state_code` of a column of names."""
    return name.map_elements(state_code, return_dtype=pl.String)


def pincode_in_state(pincode: pl.Expr, code: pl.Expr) -> pl.Expr:
    """Whether a PIN code is one of the state with this code; null where either is missing."""
    begins = [(code + pincode.str.head(digits)).is_in(_PLACES) for digits in (2, 3)]
    return pincode.str.contains("^[1-9][0-9]{5}$") & pl.any_horizontal(begins)
