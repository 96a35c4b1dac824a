"""What our documents say, in every language, for every brand, and that it fits on the page."""

import re
from datetime import date, timedelta
from decimal import Decimal
from string import Formatter
from typing import Any

import pytest

from app.documents import facts
from app.documents.languages import LANGUAGES, chosen, key_fact, words
from app.documents.papers import PAPERS
from app.loans.costs import contingent
from app.seed import BRANDS
from pipelines.loans import (
    Charge,
    Conventions,
    Frequency,
    PayableTo,
    Quote,
    Rate,
    Request,
    bullet_apr_percent,
    due_dates,
    kfs_rows,
    quote,
)
from rules import compute, load
from tests.documents.paper import boxes, brand, composed, customer, loan, pages, variables

MARGIN_PT = 40  # nothing is printed nearer to an edge of the paper
DEVANAGARI = re.compile(r"[\u0900-\u097f]")

# net, repayment, days, APR: fee and GST kept back, interest for the days exclusive of the first
RATES = [
    ("4410", "5350", 7, "1111.44"),
    ("8820", "12700", 27, "594.69"),
    ("10888", "13703", 11, "857.89"),
    ("13584", "18938", 35, "411.03"),
    ("17640", "26000", 30, "576.61"),
    ("26460", "35940", 22, "594.41"),
    ("42920", "70000", 40, "575.73"),
    ("88200", "145000", 90, "261.17"),
]

GOLDEN = {
    "KFS": ("\u20b9 17,640.00", "\u20b9 26,000.00", "576.61 %", "\u20b9 2,360.00", "QUA-L-000001"),
    "SANCTION_LETTER": ("\u20b9 20,000.00", "\u20b9 2,000.00", "\u20b9 360.00", "576.61 %"),
    "LOAN_AGREEMENT": ("ABCPV1234A", "XXXX7890, HDFC0000053", "\u20b9 6,000.00", "https://cms.rbi.org.in"),
    "REPAYMENT_SCHEDULE": ("\u20b9 26,000.00", "\u20b9 6,000.00"),
    "NOC": ("\u20b9 26,000.00", "\u20b9 0.00", "1 April 2026"),
    "NDC": ("\u20b9 0.00", "QUA-L-000001"),
    "DEMAND_NOTICE": ("\u20b9 26,200.00", "\u20b9 6,200.00"),
    "SETTLEMENT_LETTER": ("\u20b9 26,200.00", "\u20b9 21,000.00", "\u20b9 11,000.00", "\u20b9 10,000.00"),
    "LEGAL_NOTICE": ("\u20b9 26,200.00", "\u20b9 6,200.00", "2007"),
    "WRITE_OFF_LETTER": ("\u20b9 21,000.00", "\u20b9 26,000.00", "QUA-L-000001"),
}
SAID = {
    "en": {
        "KFS": (
            "Key Facts Statement",
            "bind the lender until 5 March 2026",
            "Clause 9: agents",
            "1 April 2026",
        ),
        "SANCTION_LETTER": ("Sanction Letter", "is sanctioned on the terms below", "17 March 2026"),
        "LOAN_AGREEMENT": (
            "Loan Agreement",
            "11. Grievances.",
            "Within 1 day(s) of the disbursal",
            "Aadhaar eSign",
        ),
        "REPAYMENT_SCHEDULE": ("Repayment Schedule", "Total"),
        "NOC": ("No-Objection Certificate", "is repaid in full and closed"),
        "NDC": ("No-Dues Certificate", "no dues of any kind"),
        "DEMAND_NOTICE": ("Demand Notice", "It is 1 day(s) past due", "by 9 April 2026"),
        "SETTLEMENT_LETTER": (
            "Settlement Letter",
            "settled for",
            "10 April 2026",
            "10 May 2026",
            "3 day(s) after its day",
        ),
        "WRITE_OFF_LETTER": ("Write-off Letter", "does not end your debt", "2 June 2026"),
        "LEGAL_NOTICE": ("Legal Notice", "call upon you to pay", "by 9 April 2026", "section 25"),
    },
}


@pytest.mark.parametrize(("net", "repayment", "days", "apr"), RATES)
def test_the_apr_is_on_the_net_amount(net: str, repayment: str, days: int, apr: str):
    assert bullet_apr_percent(Decimal(net), Decimal(repayment), days) == Decimal(apr)
    principal = Decimal(net) + 590
    terms = {
        "sanctioned_amount": principal,
        "processing_fee": Decimal(500),
        "gst_amount": Decimal(90),
        "net_disbursal": Decimal(net),
        "repayment_amount": Decimal(repayment),
        "tenure_days": days,
    }
    assert facts.quote_of(loan(**terms)).apr_percent == Decimal(apr)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PAPERS)
def test_a_document_says_what_it_must(kind: str, language: str):
    content = composed(kind, language)
    text = " ".join(pages(content))
    for said in (*GOLDEN[kind], "Naman Finlease Private Limited", content["check_code"], content["number"]):
        assert said in text
    for said in SAID.get(language, {}).get(kind, ()):
        assert said in text
    assert "{" not in text
    assert bool(DEVANAGARI.search(text)) == (language == "hi")


@pytest.mark.parametrize("kind", PAPERS)
def test_every_page_is_numbered(kind: str):
    found = pages(composed(kind))
    assert [f"Page {n} of {len(found)}" in page for n, page in enumerate(found, 1)] == [True] * len(found)


@pytest.mark.parametrize("brand_id", BRANDS)
def test_a_brand_is_shown_with_its_name_lender_logo_and_colour(brand_id: str):
    content = composed("KFS", of=brand(brand_id))
    first = pages(content)[0]
    lender = BRANDS[brand_id]["settings"]["lender"]
    for said in (BRANDS[brand_id]["name"], lender["name"], lender["address"], lender["grievanceEmail"]):
        assert said in first
    assert content["brand"]["logo"].startswith("<svg")
    assert content["brand"]["colour"] == BRANDS[brand_id]["settings"]["theme"]["primaryColour"]


def test_a_logo_that_only_browsers_can_get_is_a_letter():
    of = brand()
    of["settings"]["logo_url"] = "https://cdn.example/logo.png"
    content = composed("NOC", of=of)
    assert content["brand"]["logo"] is None
    assert pages(content)[0].startswith("Q ")


def instalments(count: int = 36) -> Quote:
    dues = due_dates(date(2026, 4, 2), count, Frequency.MONTHLY)
    request = Request(
        Decimal(999_999), Rate(Decimal("29.95")), date(2026, 3, 2), tuple(dues), is_bullet=False
    )
    charges = [
        Charge("Processing fee", percent=Decimal(2), gst_percent=Decimal(18)),
        Charge("Credit life insurance", flat=Decimal(999), payable_to=PayableTo.THIRD_PARTY),
    ]
    return quote(request, Conventions(), charges)


LONG = "VENKATANARASIMHARAJUVARIPETA " * 4
FAR = {
    "house": "Flat 1203, Tower B, " + "Shree Siddhivinayak Co-operative Housing Society " * 3,
    "street": "Netaji Subhash Chandra Bose Marg" * 3,
    "town": "Thiruvananthapuram",
    "pincode": "695001",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", PAPERS)
def test_long_names_addresses_and_36_instalments_stay_on_the_page(kind: str, language: str):
    of = brand()
    of["settings"]["lender"] |= {"name": LONG.title().strip(), "address": FAR["house"]}
    content = composed(kind, language, of=of, made=instalments(), name=LONG.strip(), address=FAR)
    found = boxes(content)
    assert len(found) > 20
    for left, bottom, right, top, width, height in found:
        assert MARGIN_PT < left < right < width - MARGIN_PT
        assert MARGIN_PT / 2 < bottom < top < height - MARGIN_PT / 2


def test_a_schedule_of_36_repeats_its_head_and_ends_with_its_sums():
    found = pages(composed("REPAYMENT_SCHEDULE", made=instalments()))
    assert len(found) > 1
    assert all("Principal outstanding" in page for page in found if "\u20b9" in page)
    rows = facts.schedule_rows(instalments(), "en")
    assert len(rows) == 37
    assert rows[-1][3] == "\u20b9 9,99,999.00"


def test_charges_of_third_parties_are_told_apart():
    rows = facts.key_facts(instalments(), _known("en"), "en")["part_1"]
    titles = [title for number, title, _ in rows if number == "8"]
    assert "Credit life insurance, to a third party, once" in titles
    assert words("en")["key_facts"]["no_third_party"][1] not in titles


def _known(language: str) -> dict[str, str]:
    return variables(language, brand(), customer())


def test_the_numbers_of_the_form_are_all_there_in_order():
    rows = facts.key_facts(facts.quote_of(loan()), _known("en"), "en")
    numbers = list(dict.fromkeys(int(number) for number, *_ in rows["part_1"]))
    assert numbers == list(range(1, 11))
    assert list(dict.fromkeys(number for number, *_ in rows["part_2"])) == ["1", "2", "3", "4", "5", "6"]
    assert ["3", "Interest rate in percent a year", "365"] in rows["computation"]


def test_what_may_be_charged_later_is_said_before():
    rows = facts.key_facts(facts.quote_of(loan()), _known("en"), "en")["part_1"]
    told = {title.partition(": ")[2]: value for number, title, value in rows if number == "10"}
    assert told["penal charges for delay"].startswith("₹ 50.00 for each day from day 2 past due")
    assert "₹ 2,000.00 at most" in told["penal charges for delay"]  # a tenth of the principal
    assert told["other penal charges"].startswith("₹ 1,000.00 and ₹ 180.00 GST for each debit")
    assert told["foreclosure or prepayment"] == "none"


def test_a_brand_that_charges_for_foreclosure_says_so():
    of = brand()
    of["settings"]["repayment"] |= {"foreclosure_percent": Decimal("2.50")}
    assert variables("en", of, customer())["foreclosure_said"].startswith("2.5 % of the principal")


@pytest.mark.parametrize("days", [1, 2, 3, 29, 31, 32, 400])
def test_no_day_costs_more_than_was_said(days: int):
    charges = load("qualoan", "charges")
    told, owed = contingent(loan(), charges), Decimal("26000.00")
    asked = {"principal": loan().sanctioned_amount, "overdue_amount": owed, "returned_mandate_count": 0}
    cost = compute(charges, asked | {"days_past_due": days})["penal_charge"]
    late = max(0, days - told.penal_from + 1)
    assert cost <= min(late * told.penal_a_day, told.penal_at_most)


@pytest.mark.parametrize("made", [facts.quote_of(loan()), instalments()], ids=["bullet", "instalments"])
def test_no_key_fact_stays_in_english(made: Quote):
    for row in kfs_rows(made):
        assert DEVANAGARI.search(key_fact(row.title, "hi")), row.title
        if re.search("[a-z]{3}", row.value):
            assert DEVANAGARI.search(key_fact(row.value, "hi")), row.value


def shape(said: Any) -> Any:
    """The same words in another language: keys, lengths and variables."""
    if isinstance(said, dict):
        return {key: said[key] if key == "id" else shape(value) for key, value in said.items()}
    if isinstance(said, list):
        return [shape(value) for value in said]
    return sorted({name for _, name, _, _ in Formatter().parse(str(said)) if name})


def test_the_languages_say_the_same_things():
    shapes = [shape({k: v for k, v in words(one).items() if k != "key_fact_words"}) for one in LANGUAGES]
    assert shapes[0] == shapes[1]


def test_every_kind_has_its_words():
    for language in LANGUAGES:
        assert set(words(language)["kinds"]) == set(PAPERS)


def test_a_brand_adds_clauses_of_its_own():
    clause = {"title": {"en": "Stamp duty"}, "text": {"en": "The Lender pays {it}.", "hi": "\u0915\u0930"}}
    of = brand(clauses=[clause])
    assert "15. Stamp duty. The Lender pays {it}." in " ".join(pages(composed("LOAN_AGREEMENT", of=of)))
    assert "\u0915\u0930" in " ".join(pages(composed("LOAN_AGREEMENT", "hi", of=of)))
    assert "Stamp duty" not in " ".join(pages(composed("KFS", of=of)))
    assert composed("LOAN_AGREEMENT")["check_code"] != composed("LOAN_AGREEMENT", of=of)["check_code"]


def test_the_check_code_changes_with_what_is_said_and_not_with_the_day():
    code = composed("KFS")["check_code"]
    assert re.fullmatch(r"([0-9A-F]{4}-){3}[0-9A-F]{4}", code)
    assert composed("KFS", name="ASHA VARMA")["check_code"] != code
    assert composed("KFS", "hi")["check_code"] != code
    assert composed("SANCTION_LETTER")["check_code"] != code


@pytest.mark.parametrize(
    ("preferred", "offered", "language"),
    [("hi", ["en", "hi"], "hi"), (None, ["en", "hi"], "en"), ("hi", ["en"], "en"), (None, ["hi"], "hi")],
)
def test_the_language_is_the_customers_where_the_brand_has_it(preferred, offered, language):
    assert chosen(preferred, offered) == language


@pytest.mark.parametrize(
    ("days", "on", "last"),
    [
        (30, date(2026, 3, 2), date(2026, 3, 5)),
        (30, date(2026, 3, 5), date(2026, 3, 10)),
        (6, date(2026, 3, 6), date(2026, 3, 9)),
        (7, date(2026, 3, 7), date(2026, 3, 11)),
    ],
)
def test_an_offer_binds_for_working_days(days: int, on: date, last: date):
    assert facts.valid_until(days, on) == last
    assert last - on >= timedelta(days=3 if days >= 7 else 1)
