"""A brand's settings: edited by field without losing anybody's change, checked, and never forgotten."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from app.brands.features import FEATURES
from app.core import clock
from app.core.database import brand_scope
from app.core.identity import Role
from app.core.outbox import OutboxRow
from tests.platform import Platform
from tests.policies.desk import Answer, Desk

APP = Path(__file__).parents[2] / "app"


@pytest.fixture(scope="module")
def desk(platform: Platform) -> Desk:
    return Desk(platform)


def ask(desk: Desk, method: str, path: str = "", role: Role = Role.ADMIN, **request: Any) -> Answer:
    portal, headers = desk.portal(role), request.pop("headers", {})
    url = f"{portal.api.base_url}/settings/brand{path}"
    answer = requests.request(method, url, headers=portal._headers | headers, timeout=30, **request)
    return Answer(answer.status_code, answer.json() if answer.content else None, dict(answer.headers))


def edit(desk: Desk, etag: str | None = None, remark: str = "To try it", **body: Any) -> Answer:
    etag = etag or ask(desk, "GET").headers["ETag"]
    return ask(desk, "PATCH", headers={"If-Match": etag}, json={"remark": remark} | body)


def newest(desk: Desk) -> dict[str, Any]:
    return ask(desk, "GET", "/versions?pageSize=1").body["items"][0]


def test_it_works(desk: Desk) -> None:
    edited = edit(
        desk, settings={"theme": {"primaryColour": "#112233"}, "bankData": {"statementDaysKept": 90}}
    )
    assert edited.status == 200
    theme = edited.body["settings"]["theme"]
    assert (theme["primaryColour"], theme["accentColour"]) == ("#112233", "#ffb400")
    version = newest(desk)
    assert (version["number"], version["status"]) == (edited.body["version"], "IN_FORCE")
    assert version["changes"] == [
        {"field": "bankData.statementDaysKept", "before": 365, "after": 90},
        {"field": "theme.primaryColour", "before": "#0b5fff", "after": "#112233"},
    ]


def test_two_editors_do_not_overwrite_one_another(desk: Desk) -> None:
    etag = ask(desk, "GET").headers["ETag"]
    assert edit(desk, etag, settings={"logoUrl": "/assets/first.svg"}).status == 200
    assert edit(desk, etag, settings={"logoUrl": "/assets/second.svg"}).status == 412
    assert ask(desk, "GET").body["settings"]["logoUrl"] == "/assets/first.svg"
    assert ask(desk, "PATCH", json={"remark": "x", "settings": {}}).status == 428


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"theme": {"primaryColour": "blue"}}, "settings"),
        ({"theme": {"textColour": "#fefefe"}}, "settings.theme.textColour"),
        ({"loanRules": {"amountMin": "60000.00", "amountMax": "50000.00"}}, "settings.loanRules.amountMin"),
        ({"loanRules": {"tenureDaysMin": 41}}, "settings.loanRules.tenureDaysMin"),
        ({"bureauPolicy": {"fallbacks": ["crif", "crif"]}}, "settings.bureauPolicy.fallbacks"),
        ({"bureauPolicy": {"fallbacks": ["cibil"]}}, "settings.bureauPolicy.fallbacks"),
        ({"providers": {"sms": "pigeon"}}, "settings"),
        ({"features": {"teleport": True}}, "settings"),
        ({"minimumAge": 12}, "settings"),
        ({"repayment": {"nach": {"sponsorIfsc": "ICICI1"}}}, "settings"),
        ({"cityTiers": {"1": "A"}}, "settings"),
        ({"templates": {"birthday": {"sms": "Hello"}}}, "settings.templates.birthday.event"),
        ({"templates": {"otp": {"sms": "Hello"}}}, "settings.templates.otp.sms"),
        ({"templates": {"otp": {"sms": "{code"}}}, "settings.templates.otp.sms"),
        ({"templates": {"otp": {"sms": "{code} {code.__class__}"}}}, "settings.templates.otp.sms"),
        ({"templates": {"otp": {"sms": "{code:>99999999}"}}}, "settings.templates.otp.sms"),
        ({"templates": {"otp": {"email": "{code}"}}}, "settings.templates.otp.subject"),
    ],
)
def test_what_is_wrong_is_named(desk: Desk, settings: dict[str, Any], field: str) -> None:
    before = ask(desk, "GET").body
    refused = edit(desk, settings=settings)
    assert refused.status == 422
    assert field in refused.body["error"]["fields"]
    assert ask(desk, "GET").body == before


def test_limits_stay_within_the_credit_policy(platform: Platform) -> None:
    portal = platform.staff(Role.ADMIN, "fastsalary")
    shown = requests.get(f"{platform.api.base_url}/settings/brand", headers=portal._headers, timeout=30)
    assert shown.json()["policy"]["amountMax"] == "75000.00"
    refused = requests.patch(
        f"{platform.api.base_url}/settings/brand",
        headers=portal._headers | {"If-Match": shown.headers["ETag"]},
        json={"remark": "More", "settings": {"loanRules": {"amountMax": "90000.00"}}},
        timeout=30,
    ).json()["error"]
    assert refused["code"] == "BEYOND_POLICY"
    assert refused["fields"] == {"settings.loanRules.amountMax": ["The credit policy allows 5000 to 75000."]}


def test_customers_are_shown_the_rates_of_the_policy_and_no_providers(platform: Platform) -> None:
    shown = platform.api.call("GET", "/web/brand", headers={"X-Brand-Id": "qualoan"})
    rates = [Decimal(shown["policy"][f"roiPercentPerDay{end}"]) for end in ("Min", "Max")]
    assert rates == sorted(rates)
    assert "providers" not in shown["settings"]


def test_a_change_that_changes_nothing_is_no_version(desk: Desk) -> None:
    refused = edit(desk, settings={"loanRules": {"coolingOffDays": 1}})
    assert (refused.status, refused.code) == (409, "NOTHING_CHANGES")


def test_roll_back_and_diff(desk: Desk) -> None:
    before = newest(desk)
    edit(desk, settings={"cityTiers": {"110": "B"}})
    after = newest(desk)
    rolled = ask(desk, "POST", f"/versions/{before['id']}/roll-back", json={"remark": "Back"})
    assert rolled.status == 200
    assert rolled.body["settings"] == ask(desk, "GET", f"/versions/{before['id']}").body["settings"]
    assert rolled.body["version"] == after["number"] + 1
    assert ask(desk, "GET", f"/diff?left={before['number']}&right={rolled.body['version']}").body == []
    differs = ask(desk, "GET", f"/diff?left={before['number']}&right={after['number']}").body
    assert {"field": "cityTiers.110", "before": "A", "after": "B"} in differs
    assert ask(desk, "GET", "/diff?left=1&right=999999").status == 404


def test_a_change_waits_for_its_instant(platform: Platform) -> None:
    desk, at = Desk(platform), clock.now() + timedelta(days=1)
    waiting = edit(desk, settings={"logoUrl": "/assets/new.svg"}, effectiveFrom=at.isoformat())
    assert waiting.body["settings"]["logoUrl"] == "/assets/qualoan.svg"
    version = newest(desk)
    assert version["status"] == "WAITING"
    assert edit(desk, settings={"logoUrl": "/assets/other.svg"}).code == "SETTINGS_WAITING"
    with brand_scope(desk.brand):
        OutboxRow.update(available_at=clock.now()).where(OutboxRow.job == "brands.bring_into_force").execute()
    platform.drain()
    assert ask(desk, "GET").body["settings"]["logoUrl"] == "/assets/new.svg"
    assert newest(desk)["status"] == "IN_FORCE"


def test_a_roll_back_drops_what_waits(platform: Platform) -> None:
    desk, at = Desk(platform), clock.now() + timedelta(days=1)
    first = newest(desk)
    edit(desk, settings={"logoUrl": "/assets/new.svg"}, effectiveFrom=at.isoformat())
    rolled = ask(desk, "POST", f"/versions/{first['id']}/roll-back", json={"remark": "Not now"})
    assert rolled.status == 200
    with brand_scope(desk.brand):
        OutboxRow.update(available_at=clock.now()).where(OutboxRow.job == "brands.bring_into_force").execute()
    platform.drain()
    assert ask(desk, "GET").body["settings"]["logoUrl"] == "/assets/qualoan.svg"


def test_an_instant_that_has_passed_is_refused(desk: Desk) -> None:
    refused = edit(desk, settings={"logoUrl": "/x.svg"}, effectiveFrom="2020-01-01T00:00:00+05:30")
    assert refused.body["error"]["fields"].keys() == {"effectiveFrom"}


def test_a_change_is_in_the_audit_trail_with_before_and_after(platform: Platform, desk: Desk) -> None:
    edit(desk, settings={"features": {"autoNoc": False}}, remark="By hand for now")
    audited = platform.sql(
        "SELECT before, after, reason FROM audit_event WHERE action = 'brand_settings.changed' AND entity_id = %s",
        newest(desk)["id"],
    )
    assert audited == [({"features.autoNoc": True}, {"features.autoNoc": False}, "By hand for now")]


def test_versions_cannot_be_altered(platform: Platform, desk: Desk) -> None:
    with pytest.raises(Exception, match="never changed"):
        platform.sql("UPDATE brand_settings_version SET remark = 'x' WHERE brand_id = %s", desk.brand)


def test_only_who_has_the_settings_feature_edits(desk: Desk) -> None:
    assert ask(desk, "GET", "/versions", role=Role.CREDIT_EXECUTIVE).status == 403
    assert ask(desk, "GET", role=Role.CREDIT_EXECUTIVE).status == 200


def test_features_are_listed_with_their_meaning(desk: Desk) -> None:
    listed = {feature["name"]: feature for feature in ask(desk, "GET", "/features").body}
    assert listed["autoAllocation"]["on"] is True
    assert all(feature["meaning"] for feature in listed.values())


def test_every_feature_is_asked_for_by_code_and_every_one_asked_for_is_declared() -> None:
    asked = {
        name
        for path in APP.glob("**/*.py")
        for name in re.findall(r'brands\.(?:is_on|require)\("(\w+)"\)', path.read_text(encoding="utf-8"))
        if path.parent.name != "brands"
    }
    assert asked == set(FEATURES)


def test_a_feature_that_is_off_is_not_offered(platform: Platform, desk: Desk) -> None:
    edit(desk, settings={"features": {"statementUpload": False, "accountAggregator": False}})
    loan_id = desk.application(10_000)
    path = desk.admin.path(f"/loans/{loan_id}/statements")
    sent = requests.post(
        platform.api.base_url + path,
        headers=desk.admin._headers,
        files={"file": ("s.csv", b"Date,Narration\n")},
        timeout=30,
    )
    assert (sent.status_code, sent.json()["error"]["code"]) == (409, "FEATURE_OFF")


def test_a_brand_says_it_in_its_own_words(platform: Platform) -> None:
    desk = Desk(platform)
    assert (
        edit(desk, settings={"templates": {"otp": {"sms": "Namaste! {code} opens {brand}."}}}).status == 200
    )
    app = platform.customer(brand_id=desk.brand, signed_in=False)
    app.post("/web/auth/register", expect=202, json={"phone": app.person["phone"]})
    platform.drain()
    assert "Namaste!" in platform.sandbox.messages(app.person["phone"])[0]["text"]
