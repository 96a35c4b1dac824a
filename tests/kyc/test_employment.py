"""Employment: phone and PAN lead to the UAN, the UAN to every employer."""

from datetime import date

import pytest

from app.kyc.employments import is_under, tenure_months
from app.providers.digitap import UanRecord
from tests.kyc.test_bank_account import with_pan
from tests.kyc.test_pan import calls
from tests.platform import Platform


def test_it_works(platform: Platform) -> None:
    app = with_pan(platform)
    employment = app.post("/web/kyc/employment", expect=201, json={})
    assert (employment["employerName"], employment["isCurrent"]) == (app.person["employer"], True)
    assert employment["uan"] == "XXXX" + app.person["uan"][-4:]


def test_all_employers_are_kept_the_present_one_first(platform: Platform) -> None:
    app = with_pan(platform)
    app.post("/web/kyc/employment", expect=201, json={"uan": app.person["uan"]})
    stints = app.get("/web/kyc")["employments"]
    assert [s["isCurrent"] for s in stints] == [True, False]


def test_who_has_left_has_no_present_employer(platform: Platform) -> None:
    app = with_pan(platform, "DEA")
    employment = app.post("/web/kyc/employment", expect=201, json={})
    assert (employment["isCurrent"], employment["exitDate"]) == (False, app.person["leftOn"])


def test_a_uan_of_somebody_else_is_refused_by_field(platform: Platform) -> None:
    app = with_pan(platform)
    refused = app.post("/web/kyc/employment", expect=422, json={"uan": "109999999999"})
    assert list(refused["error"]["fields"]) == ["uan"]


def test_a_uan_that_was_typed_in_is_asked_for_itself_and_is_nobody_elses(platform: Platform) -> None:
    app, stranger = with_pan(platform), platform.customer()
    before = calls(platform, "employment_history")
    app.post("/web/kyc/employment", expect=422, json={"uan": stranger.person["uan"]})
    # by phone and PAN, then by the number
    assert calls(platform, "employment_history") == before + 2


@pytest.mark.parametrize(
    ("name", "born", "theirs"),
    [
        ("ASHA VERMA", date(1990, 1, 1), True),
        ("A VERMA", date(1990, 1, 1), True),
        ("ASHA VERMA", None, True),
        ("ASHA VERMA", date(1990, 1, 2), False),
        ("BHARAT SINGH", date(1990, 1, 1), False),
        ("", date(1990, 1, 1), False),
    ],
)
def test_a_typed_uan_needs_name_and_birth(name: str, born: date | None, theirs: bool) -> None:
    record = UanRecord("100000000001", name, "", born, None, ())
    assert is_under(record, "ASHA VERMA", date(1990, 1, 1)) is theirs


def test_the_pan_comes_first(platform: Platform) -> None:
    refused = platform.customer().post("/web/kyc/employment", expect=409, json={})
    assert refused["error"]["code"] == "PAN_FIRST"


def test_it_is_not_paid_for_again(platform: Platform) -> None:
    app = with_pan(platform)
    first = app.post("/web/kyc/employment", expect=201, json={})
    before = calls(platform, "employment_history")
    assert app.post("/web/kyc/employment", expect=201, json={}) == first
    assert calls(platform, "employment_history") == before


@pytest.mark.parametrize(
    ("joined", "as_of", "months"),
    [
        (date(2026, 1, 15), date(2026, 4, 15), 3),
        (date(2026, 1, 15), date(2026, 4, 14), 2),
        (date(2025, 12, 31), date(2026, 2, 28), 1),
        (date(2026, 4, 15), date(2026, 4, 15), 0),
        (date(2026, 4, 16), date(2026, 4, 15), None),
        (None, date(2026, 4, 15), None),
    ],
)
def test_tenure_counts_completed_months(joined: date | None, as_of: date, months: int | None) -> None:
    assert tenure_months(joined, as_of) == months
