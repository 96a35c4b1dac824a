"""A customer sees how far their application is, on whom it waits and what to do, and polls for little."""

import requests

from app.core.identity import Role
from tests.platform import Platform
from tests.sanction.files import File, applied, recommended
from tests.stages import Stages


def told(file: File) -> tuple[str, str | None, str | None]:
    progress = file.app.get(f"/web/loans/{file.id}/status")
    return progress["stage"], progress["waitingFor"], progress["nextStep"]


def test_it_says_what_the_customer_must_do(platform: Platform) -> None:
    file = applied(platform)
    assert told(file) == ("BUREAU", "your consent", "Allow us to ask the credit bureau.")
    file.app.post("/web/consents", expect=201, json={"purpose": "BUREAU", "textVersion": "2026-01"})
    assert told(file) == ("BUREAU", "the credit bureau", None)


def test_it_follows_the_loan(platform: Platform) -> None:
    file = recommended(platform)
    assert told(file) == ("IN_REVIEW", "our credit team", None)
    file.post(Role.SANCTION_MANAGER, "offers", expect=201, amount="12000.00", tenureDays=14)
    assert told(file) == ("OFFER", "your answer", "Accept or decline the offer.")
    offer = file.app.get(f"/web/loans/{file.id}/offer")
    file.app.post(f"/web/loans/{file.id}/offer/accept", json={"offerId": offer["id"]})
    file.approve(Role.SANCTION_MANAGER)
    assert told(file)[0] == "AGREEMENT"
    file.app.post(f"/web/loans/{file.id}/cancel")
    assert told(file) == ("CLOSED", None, None)


def test_bank_data_is_waited_for(platform: Platform) -> None:
    stages = Stages(platform).applied()
    stages.staff.post(f"/loans/{stages.id}/bureau-pull", expect=201)
    file = File(platform, stages.app, stages.id)
    assert told(file) == ("BANK_DATA", "your bank data", "Send your bank statement.")


def test_what_has_not_changed_is_not_sent_again(platform: Platform) -> None:
    file = applied(platform)
    url = f"{platform.api.base_url}/web/loans/{file.id}/status"
    first = requests.get(url, headers=file.app._headers, timeout=10)
    again = file.app._headers | {"If-None-Match": first.headers["ETag"]}
    assert requests.get(url, headers=again, timeout=10).status_code == 304
    file.app.post(f"/web/loans/{file.id}/cancel")
    assert requests.get(url, headers=again, timeout=10).status_code == 200
