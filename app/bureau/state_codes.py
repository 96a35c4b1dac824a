"""States and union territories by their two-digit code of the GST list, which bureaus use too."""

import re

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
