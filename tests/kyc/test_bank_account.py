"""Penny drop: an account counts when its bank says that it is the customer's own."""

import secrets

import pytest

from app.core.database import brand_scope
from app.demo.client import CustomerApp
from app.kyc import bank_accounts, service
from tests.kyc.test_pan import attempts, calls
from tests.platform import BRAND, Platform, new_pan


@pytest.fixture
def app(platform: Platform) -> CustomerApp:
    """A customer whose PAN is verified."""
    return with_pan(platform)


def with_pan(platform: Platform, persona: str = "GOO", brand_id: str = BRAND) -> CustomerApp:
    app = platform.customer(new_pan(persona), brand_id)
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    return app


def account(app: CustomerApp, number: str | None = None) -> dict[str, str]:
    return {"accountNumber": number or app.person["accountNumber"], "ifsc": app.person["ifsc"]}


def magic(start: str) -> str:
    """An account number of the sandbox that makes trouble."""
    return start + str(secrets.randbelow(10**10)).zfill(10)


def test_it_works(app: CustomerApp) -> None:
    answer = app.post("/web/kyc/bank-account", expect=201, json=account(app))
    assert answer == {
        "status": "VERIFIED",
        "accountLast4": app.person["accountNumber"][-4:],
        "ifsc": app.person["ifsc"],
        "verified": True,
        "nameMatchPercent": 100,
    }


def test_the_pan_comes_first(platform: Platform) -> None:
    app = platform.customer()
    refused = app.post("/web/kyc/bank-account", expect=409, json=account(app))
    assert refused["error"]["code"] == "PAN_FIRST"


def test_the_verified_account_is_the_one_to_pay_to(app: CustomerApp) -> None:
    app.post("/web/kyc/bank-account", expect=201, json=account(app))
    with brand_scope(BRAND):
        found = service.verified_account(app.get("/web/me")["id"])
    assert (found.account_number, found.ifsc) == (app.person["accountNumber"], app.person["ifsc"])


def test_the_same_account_again_is_not_paid_for_again(platform: Platform, app: CustomerApp) -> None:
    first = app.post("/web/kyc/bank-account", expect=201, json=account(app))
    before = calls(platform, "penny_drop")
    assert app.post("/web/kyc/bank-account", expect=201, json=account(app)) == first
    assert calls(platform, "penny_drop") == before


def test_an_account_that_the_bank_does_not_know_is_refused_by_field(app: CustomerApp) -> None:
    refused = app.post("/web/kyc/bank-account", expect=422, json=account(app, magic("000")))
    assert list(refused["error"]["fields"]) == ["accountNumber"]


def test_somebody_elses_account_is_refused_and_kept_without_telling_whose(platform: Platform) -> None:
    app = with_pan(platform, "MIS")
    refused = app.post("/web/kyc/bank-account", expect=422, json=account(app))
    customer_id = app.get("/web/me")["id"]
    with brand_scope(BRAND):
        (stored,) = bank_accounts.of_customer(customer_id)
    assert (stored.name_match_percent < 60, stored.verified) == (True, False)
    assert stored.holder_name not in str(refused) + str(app.get("/web/kyc"))


def test_somebody_elses_account_is_not_paid_for_again(platform: Platform) -> None:
    app = with_pan(platform, "MIS")
    app.post("/web/kyc/bank-account", expect=422, json=account(app))
    before = calls(platform, "penny_drop")
    app.post("/web/kyc/bank-account", expect=422, json=account(app))
    assert calls(platform, "penny_drop") == before


def test_a_bank_that_takes_its_time_is_asked_by_a_job(platform: Platform, app: CustomerApp) -> None:
    waiting = app.post("/web/kyc/bank-account", expect=201, json=account(app, magic("999")))
    assert (waiting["status"], waiting["verified"]) == ("PENDING", False)
    platform.sql("UPDATE outbox SET available_at = now() WHERE job = 'kyc.settle_penny_drop'")
    platform.drain()
    assert [a["verified"] for a in app.get("/web/kyc")["bankAccounts"]] == [True]


def test_asking_again_while_the_bank_thinks_sends_no_second_rupee(
    platform: Platform, app: CustomerApp
) -> None:
    body = account(app, magic("999"))
    app.post("/web/kyc/bank-account", expect=201, json=body)
    before = calls(platform, "penny_drop")
    assert app.post("/web/kyc/bank-account", expect=201, json=body)["status"] == "VERIFIED"
    assert calls(platform, "penny_drop") == before


def test_the_job_that_comes_late_changes_nothing(platform: Platform, app: CustomerApp) -> None:
    body = account(app, magic("999"))
    app.post("/web/kyc/bank-account", expect=201, json=body)
    app.post("/web/kyc/bank-account", expect=201, json=body)
    platform.sql("UPDATE outbox SET available_at = now() WHERE job = 'kyc.settle_penny_drop'")
    platform.drain()
    assert len(app.get("/web/kyc")["bankAccounts"]) == 1


def test_an_outage_is_resumed(platform: Platform, app: CustomerApp) -> None:
    platform.sandbox.call(
        "POST",
        "/__sandbox__/faults",
        expect=201,
        json={"provider": "digitap", "fault": "malformed", "match": app.person["accountNumber"]},
    )
    app.post("/web/kyc/bank-account", expect=503, json=account(app))
    assert app.post("/web/kyc/bank-account", expect=201, json=account(app))["verified"]
    kinds = attempts(platform, app.get("/web/me")["id"])
    assert kinds[1:] == [("BANK_ACCOUNT", "PENDING"), ("BANK_ACCOUNT", "VERIFIED")]


@pytest.mark.parametrize(
    ("ifsc", "masked", "kind", "known"),
    [
        ("{ifsc}", "XXXX{last4}", "SAVINGS", ("SAVINGS", "BANER")),
        ("", "XXXX{last4}", "CURRENT", ("CURRENT", "BANER")),
        ("{ifsc}", "XXXX{last4}", "UNKNOWN", (None, "BANER")),
        ("HDFC0999999", "XXXX{last4}", "SAVINGS", (None, None)),
        ("{ifsc}", "XXXX", "SAVINGS", (None, None)),
    ],
)
def test_a_statement_tells_what_account_it_is(
    app: CustomerApp, ifsc: str, masked: str, kind: str, known
) -> None:
    app.post("/web/kyc/bank-account", expect=201, json=account(app))
    own = {"ifsc": app.person["ifsc"], "last4": app.person["accountNumber"][-4:]}
    with brand_scope(BRAND):
        customer_id = app.get("/web/me")["id"]
        told = {"ifsc": ifsc.format(**own), "masked_number": masked.format(**own), "account_type": kind}
        service.describe_account(customer_id, **told, branch="BANER")
        found = service.verified_account(customer_id)
    assert (found.account_type, found.branch) == known


def test_a_bank_that_names_the_branch_is_believed(platform: Platform) -> None:
    app = with_pan(platform, brand_id="fastsalary")
    app.post("/web/kyc/bank-account", expect=201, json=account(app))
    with brand_scope("fastsalary"):
        assert service.verified_account(app.get("/web/me")["id"]).branch == "FORT, MUMBAI"
