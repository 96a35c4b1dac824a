"""Consents: on words that were shown, for one purpose each, taken back as easily as given."""

import hashlib

import pytest

from app.consents.purposes import PURPOSES
from app.consents.wording import LANGUAGES, files
from app.core.database import brand_scope, db
from app.demo.client import CustomerApp, picture
from app.messaging import service as messaging
from tests.lending import at_work
from tests.platform import BRAND, OTHER_BRAND, TEXT_VERSION, Platform


@pytest.fixture
def app(platform: Platform) -> CustomerApp:
    return platform.customer(consents=())


def give(app: CustomerApp, purpose: str, expect: int = 201, **more: str) -> dict:
    return app.post(
        "/web/consents", expect=expect, json={"purpose": purpose, "textVersion": TEXT_VERSION, **more}
    )


def test_it_works(platform: Platform, app: CustomerApp) -> None:
    texts = platform.api.call("GET", "/web/consents/texts", headers={"X-Brand-Id": BRAND})
    shown = next(text for text in texts if text["purpose"] == "BUREAU")
    given = give(app, "BUREAU", textHash=shown["hash"])
    assert (given["state"], given["textHash"], given["withdrawnAt"]) == ("LIVE", shown["hash"], None)
    assert app.get("/web/consents") == [given]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_purpose_has_its_words_with_the_brands_names(platform: Platform, language: str) -> None:
    for brand_id, name in ((BRAND, "Qualoan"), (OTHER_BRAND, "PaisaPop")):
        texts = platform.api.call(
            "GET", "/web/consents/texts", headers={"X-Brand-Id": brand_id}, params={"language": language}
        )
        assert [text["purpose"] for text in texts] == list(PURPOSES)
        for text in texts:
            assert name in text["body"] or "{" not in text["body"]
            assert text["hash"] == hashlib.sha256(f"{text['title']}\n\n{text['body']}".encode()).hexdigest()


def test_every_version_is_there_in_every_language() -> None:
    versions = {version for version, _ in files()}
    assert {(version, language) for version in versions for language in LANGUAGES} == set(files())


def test_the_words_are_kept_with_the_consent(platform: Platform, app: CustomerApp) -> None:
    given = give(app, "MARKETING", language="hi")
    kept = platform.sql(
        "SELECT t.language, t.body FROM consent c JOIN consent_text t"
        " ON t.brand_id = c.brand_id AND t.hash = c.text_hash WHERE c.id = %s", given["id"]
    )  # fmt: skip
    assert kept[0][0] == "hi"
    assert "ऑफ़र" in kept[0][1]


def test_circumstances_are_evidence(platform: Platform, app: CustomerApp) -> None:
    app._headers["X-Device-Id"] = "the-phone-of-asha"
    given = give(app, "KYC", channel="WEB")
    row = platform.sql(
        "SELECT ip, length(device), channel, evidence FROM consent WHERE id = %s", given["id"]
    )[0]
    assert row[:3] == ("127.0.0.1", 64, "WEB")
    assert set(row[3]) == {"sessionId", "requestId", "userAgent"}


@pytest.mark.parametrize(
    ("more", "code"), [({"textVersion": "1999-01"}, "UNKNOWN_TEXT"), ({"textHash": "0" * 64}, "TEXT_CHANGED")]
)
def test_only_words_that_were_shown_count(app: CustomerApp, more: dict, code: str) -> None:
    assert give(app, "KYC", expect=422, **more)["error"]["code"] == code


def test_taken_back_as_easily_as_given(app: CustomerApp) -> None:
    give(app, "MARKETING")
    give(app, "MARKETING", language="hi")
    taken = app.post("/web/consents/withdraw", json={"purpose": "MARKETING"})
    assert [consent["state"] for consent in taken] == ["WITHDRAWN", "WITHDRAWN"]
    assert {consent["state"] for consent in app.get("/web/consents")} == {"WITHDRAWN"}
    again = app.post("/web/consents/withdraw", expect=409, json={"purpose": "MARKETING"})
    assert again["error"]["code"] == "NO_LIVE_CONSENT"
    assert give(app, "MARKETING")["state"] == "LIVE"


def test_one_purpose_is_not_another(app: CustomerApp) -> None:
    give(app, "KYC")
    give(app, "BUREAU")
    app.post("/web/consents/withdraw", json={"purpose": "BUREAU"})
    assert {c["purpose"]: c["state"] for c in app.get("/web/consents")} == {
        "KYC": "LIVE",
        "BUREAU": "WITHDRAWN",
    }


def test_a_consent_ends_by_itself(platform: Platform, app: CustomerApp) -> None:
    given = give(app, "LOCATION")
    assert given["expiresAt"] > given["createdAt"]
    platform.sql("ALTER TABLE consent DISABLE TRIGGER never_changed")
    platform.sql("UPDATE consent SET expires_at = now() - interval '1 second' WHERE id = %s", given["id"])
    platform.sql("ALTER TABLE consent ENABLE TRIGGER never_changed")
    assert app.get("/web/consents")[0]["state"] == "EXPIRED"
    app.post("/web/consents/withdraw", expect=409, json={"purpose": "LOCATION"})


def test_without_a_live_consent_identity_is_not_looked_up(platform: Platform, app: CustomerApp) -> None:
    body = {"pan": app.person["pan"]}
    refused = app.post("/web/kyc/verify-pan", expect=409, json=body)
    assert (refused["error"]["code"], refused["error"]["details"]) == ("CONSENT_MISSING", {"purpose": "KYC"})
    app.post("/web/kyc/initiate-aadhaar-otp", expect=409, json={"aadhaar": app.person["aadhaar"]})
    give(app, "KYC")
    app.post("/web/kyc/verify-pan", json=body)
    app.post("/web/consents/withdraw", json={"purpose": "KYC"})
    app.post("/web/kyc/initiate-aadhaar-otp", expect=409, json={"aadhaar": app.person["aadhaar"]})


def test_without_a_live_consent_no_bank_data_is_taken(platform: Platform, app: CustomerApp) -> None:
    loan = app.post(
        "/web/loans", once=True, expect=201, json={"amount": "20000", "tenureDays": 24, "purpose": "TRAVEL"}
    )
    staff = platform.staff()
    asked = {"userId": loan["customerId"], "loanId": loan["id"]}
    assert staff.post("/aa/consent-request", expect=409, json=asked)["error"]["details"] == {"purpose": "AA"}
    file = {"file": ("a.csv", b"date,amount\n", "text/csv")}
    refused = app.post(f"/web/loans/{loan['id']}/statements", expect=409, files=file)
    assert refused["error"]["details"] == {"purpose": "BSA"}


def test_withdrawing_leaves_a_live_loan_as_it_is(platform: Platform) -> None:
    app = platform.customer()
    loan = app.post(
        "/web/loans", once=True, expect=201, json={"amount": "20000", "tenureDays": 24, "purpose": "TRAVEL"}
    )
    app.post("/web/consents/withdraw", json={"purpose": "KYC"})
    assert app.get(f"/web/loans/{loan['id']}")["status"] == "APPLIED"
    app.upload("SELFIE", "a.png", picture(1, 2, 3))


def offers(platform: Platform, app: CustomerApp) -> int:
    platform.drain()
    return sum("thank you for repaying" in m["text"] for m in platform.sandbox.messages(app.person["phone"]))


def offer(app: CustomerApp) -> None:
    with at_work():
        messaging.notify(app.get("/web/me")["id"], "repeat_offer")


@pytest.fixture
def at_any_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.messaging.delivery.gates.opens_at", lambda _hours, now: now)


@pytest.mark.usefixtures("at_any_hour")
def test_offers_go_to_those_who_want_them(platform: Platform, app: CustomerApp) -> None:
    offer(app)
    assert offers(platform, app) == 0
    give(app, "MARKETING")
    offer(app)
    assert offers(platform, app) == 1


@pytest.mark.usefixtures("at_any_hour")
def test_withdrawing_stops_an_offer_that_is_on_its_way(platform: Platform, app: CustomerApp) -> None:
    give(app, "MARKETING")
    offer(app)
    app.post("/web/consents/withdraw", json={"purpose": "MARKETING"})
    assert offers(platform, app) == 0


def test_the_ledger_is_only_added_to(platform: Platform, app: CustomerApp) -> None:
    give(app, "KYC")
    for statement in (
        "UPDATE consent SET ip = NULL",
        "DELETE FROM consent",
        "DELETE FROM consent_withdrawal",
    ):
        with pytest.raises(Exception, match="permission denied"), brand_scope(BRAND):
            db.execute_sql(statement)


def test_staff_see_the_ledger_of_their_brand(platform: Platform, app: CustomerApp) -> None:
    given = give(app, "KYC")
    customer_id = app.get("/web/me")["id"]
    assert platform.staff().get(f"/customers/{customer_id}/consents") == [given]
    platform.staff(brand_id=OTHER_BRAND).get(f"/customers/{customer_id}/consents", expect=404)


def test_giving_and_taking_back_are_in_the_audit_trail(platform: Platform, app: CustomerApp) -> None:
    give(app, "KYC")
    app.post("/web/consents/withdraw", json={"purpose": "KYC"})
    events = platform.staff().get(
        "/audit", params={"customerId": app.get("/web/me")["id"], "entity": "consent"}
    )
    assert [event["action"] for event in events["items"]] == ["consent.withdrawn", "consent.given"]
