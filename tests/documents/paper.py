"""Documents of a loan that nobody has, made without the platform."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pypdfium2

from app.brands.schemas import BrandSettings
from app.documents import contingent, facts, papers
from app.documents.render import render
from app.loans.costs import Terms
from app.seed import BRANDS
from pipelines.loans import Quote
from rules import load

ON = date(2026, 3, 2)
# what documents of a running or repaid loan say beyond the others, from the ledger
LATER = {
    "received": "\u20b9 26,000.00",
    "outstanding": "\u20b9 0.00",
    "disbursed_on": "2 March 2026",
    "closed_on": "1 April 2026",
    "written_off_on": "2 June 2026",
    "lost": "\u20b9 21,000.00",
    "principal_due": "\u20b9 20,000.00",
    "interest_due": "\u20b9 6,200.00",
    "charges_due": "\u20b9 0.00",
    "total_due": "\u20b9 26,200.00",
    "further_interest": ", and the interest of 1 % a day on the outstanding principal from today,",
    "days_past_due": "1",
    "pay_by": "9 April 2026",
}
SETTLED = facts.Settlement(
    Decimal("21000.00"),
    Decimal("26200.00"),
    ((date(2026, 4, 10), Decimal("11000.00")), (date(2026, 5, 10), Decimal("10000.00"))),
    grace_days=3,
)


def loan(**changes: Any) -> SimpleNamespace:
    """20,000 for 30 days at 1 % a day; fee 2,000 and GST kept back."""
    terms = {
        "loan_no": "QUA-L-000001",
        "purpose": "MEDICAL",
        "sanctioned_amount": Decimal("20000.00"),
        "roi_percent_per_day": Decimal("1.0000"),
        "tenure_days": 30,
        "processing_fee": Decimal("2000.00"),
        "gst_amount": Decimal("360.00"),
        "net_disbursal": Decimal("17640.00"),
        "repayment_amount": Decimal("26000.00"),
        "due_date": date(2026, 4, 1),
        "sanction_valid_until": date(2026, 3, 17),
    }
    return SimpleNamespace(**terms | changes)


def customer(name: str = "ASHA VERMA", address: dict[str, str] | None = None) -> SimpleNamespace:
    where = address or {"house": "12", "street": "MG Road", "town": "Bengaluru", "pincode": "560001"}
    return SimpleNamespace(name=name, pan="ABCPV1234A", phone="9000000001", email=None, address=where)


def brand(brand_id: str = "qualoan", **documents: Any) -> dict[str, Any]:
    seeded = BRANDS[brand_id]
    settings = seeded["settings"] | {"documents": documents}
    return {"id": brand_id, "name": seeded["name"], "settings": BrandSettings().load(settings)}


def variables(language: str, of: dict[str, Any], who: SimpleNamespace) -> dict[str, str]:
    """What every document of the loan may say."""
    known = facts.values(loan(), who, "XXXX7890, HDFC0000053", of, language, ON)
    repayment, charges = of["settings"]["repayment"], load(of["id"], "charges")
    terms = Terms(charges, repayment["foreclosure_percent"], tuple(repayment["allocation"]))
    return known | contingent.values(loan(), terms, language)


def composed(
    kind: str,
    language: str = "en",
    *,
    of: dict[str, Any] | None = None,
    made: Quote | None = None,
    name: str = "ASHA VERMA",
    address: dict[str, str] | None = None,
) -> dict[str, Any]:
    """The data of the template."""
    of, sanctioned = of or brand(), loan()
    known = variables(language, of, customer(name, address)) | LATER
    made = made or facts.quote_of(sanctioned)
    tables = {"schedule": facts.schedule_rows(made, language), **facts.key_facts(made, known, language)}
    if kind == "SETTLEMENT_LETTER":
        known |= facts.settlement_values(SETTLED, language)
        tables["settlement"] = facts.settlement_rows(SETTLED, language)
    return papers.compose(kind, language, of, known, tables, ON) | {"number": f"QUA-L-000001/{kind}/1"}


def pages(content: dict[str, Any]) -> list[str]:
    """What a reader of the PDF sees, page by page, in one line each."""
    pdf = pypdfium2.PdfDocument(render("paper", content, content["brand_id"]))
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in pdf]


def boxes(content: dict[str, Any]) -> list[tuple[float, float, float, float, float, float]]:
    """Left, bottom, right and top of every stretch of text, and width and height of its page, in points."""
    pdf = pypdfium2.PdfDocument(render("paper", content, content["brand_id"]))
    found = []
    for page in pdf:
        text = page.get_textpage()
        found += [(*text.get_rect(n), *page.get_size()) for n in range(text.count_rects())]
    return found
