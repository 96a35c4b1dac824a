"""Where a pincode lies: its first two digits name a postal circle, which serves one state or a few neighbours.

Source: India Post's table of postal circles. 90 to 99 is the Army Postal Service, which may deliver anywhere.
"""

from collections.abc import Mapping

_CIRCLES: Mapping[str, tuple[str, ...]] = {
    "11": ("Delhi",),
    "12-13": ("Haryana",),
    "14-16": ("Punjab", "Chandigarh"),
    "17": ("Himachal Pradesh",),
    "18-19": ("Jammu and Kashmir", "Ladakh"),
    "20-28": ("Uttar Pradesh", "Uttarakhand"),
    "30-34": ("Rajasthan",),
    "36-39": ("Gujarat", "Dadra and Nagar Haveli and Daman and Diu"),
    "40-44": ("Maharashtra", "Goa"),
    "45-49": ("Madhya Pradesh", "Chhattisgarh"),
    "50-53": ("Telangana", "Andhra Pradesh", "Puducherry"),  # Yanam belongs to Puducherry
    "56-59": ("Karnataka",),
    "60-66": ("Tamil Nadu", "Puducherry"),
    "67-69": ("Kerala", "Lakshadweep", "Puducherry"),  # and so does Mahe
    "70-74": ("West Bengal", "Sikkim", "Andaman and Nicobar Islands"),
    "75-77": ("Odisha",),
    "78": ("Assam",),
    "79": ("Arunachal Pradesh", "Manipur", "Meghalaya", "Mizoram", "Nagaland", "Tripura"),
    "80-85": ("Bihar", "Jharkhand"),
}
STATES = tuple(sorted({state for states in _CIRCLES.values() for state in states}))


def _digits(circle: str) -> range:
    first, _, last = circle.partition("-")
    return range(int(first), int(last or first) + 1)


_BY_DIGITS: Mapping[int, tuple[str, ...]] = {
    digits: states for circle, states in _CIRCLES.items() for digits in _digits(circle)
} | dict.fromkeys(range(90, 100), STATES)


def states_of(pincode: str) -> tuple[str, ...]:
    """The states that a pincode of six digits can be in; none where no circle has its first two digits."""
    return _BY_DIGITS.get(int(pincode[:2]), ())
