"""Documents that we make: a Typst template and data give a PDF.

Data goes in as JSON and a template shows it as text; it is never part of the markup, so nothing in a name or
an address can change the document. Templates use the fonts beside them: every machine makes the same bytes.
"""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import typst

from app.documents.languages import long_date

TEMPLATES = Path(__file__).with_name("templates")
FONTS = Path(__file__).with_name("fonts")
LOGOS = Path(__file__).with_name("logos")


def render(template: str, data: Mapping[str, Any], brand_id: str = "") -> bytes:
    """The PDF of `templates/<template>.typ`, or of the brand's own in `templates/<brand>/`.

    Raises typst.TypstError if the data lack what it shows.
    """
    own = TEMPLATES / brand_id / f"{template}.typ"
    return typst.compile(
        str(own if own.exists() else TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        sys_inputs={"data": json.dumps(data, default=str)},
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
    )


def inr(amount: Decimal) -> str:
    """Rupees as they are written in India: 1,00,000.00."""
    whole, _, paise = f"{amount:.2f}".partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    head, tail = digits[:-3], digits[-3:]
    pairs = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return f"{sign}{','.join([*pairs, tail])}.{paise}"


def postal_address(address: Mapping[str, str] | None) -> str:
    """The parts of an address on one line, as they are written; a town in a district of its name once."""
    return ", ".join(dict.fromkeys(part for part in (address or {}).values() if part))


def letterhead(brand: Mapping[str, Any], on: date) -> dict[str, Any]:
    """What every template shows of a brand (`app.brands.service.describe`), and the date of the document."""
    lender = brand["settings"]["lender"]
    return {
        "date": long_date(on),
        "brand": {
            "name": brand["name"],
            "colour": brand["settings"]["theme"]["primary_colour"],
            "logo": _logo(brand["settings"]["logo_url"]),
            "lender": lender["name"],
            "address": lender["address"],
        },
        "grievance": {
            "officer": lender["grievance_officer"],
            "phone": lender["grievance_phone"],
            "email": lender["grievance_email"],
        },
    }


@cache
def _logo(url: str) -> str | None:
    """The SVG of a logo that is shipped with us, by the name of its file; None for one that only a browser can get."""
    path = LOGOS / PurePosixPath(url).name
    return path.read_text("utf-8") if path.suffix == ".svg" and path.exists() else None
