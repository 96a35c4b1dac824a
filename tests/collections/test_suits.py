"""A suit from the filing to its end, and what the bureaus are told of it."""

from datetime import timedelta

import polars as pl

import reports
from app.core.clock import today
from app.core.identity import Role
from app.reporting.producing import make
from tests.lending import active, approved
from tests.platform import BRAND, Platform

TODAY = today()
TOLD = {"court": "City Civil Court, Bengaluru", "caseNumber": "OS 1234/2026", "filedOn": f"{TODAY}"}


def test_from_the_filing_to_the_end(platform: Platform, tmp_path):
    case, lead = active(platform, days_ago=5), platform.staff(Role.COLLECTION_MANAGER)
    path, loan_no = f"/loans/{case.loan_id}/suits", case.loan["loanNo"]

    def told() -> str:
        question = reports.Question(BRAND, TODAY, TODAY, TODAY)
        made = make(reports.get("equifax-credit-report"), question, tmp_path, unmasked=True)
        (row,) = pl.read_parquet(made.rows).filter(pl.col("curr_new_account_no") == loan_no).rows(named=True)
        return row["suit_filed_wilful_default"]

    platform.staff(Role.COLLECTION_EXECUTIVE).post(path, expect=403, json=TOLD)
    for field, value in (("filedOn", f"{TODAY + timedelta(1)}"), ("filedOn", f"{TODAY - timedelta(9)}")):
        assert field in lead.post(path, expect=422, json=TOLD | {field: value})["error"]["fields"]
    assert told() == "00"
    suit = lead.post(path, expect=201, json=TOLD)
    assert (suit["status"], suit["endedOn"], told()) == ("FILED", None, "01")
    assert lead.post(path, expect=409, json=TOLD)["error"]["code"] == "SUIT_KNOWN"
    wrong = lead.post(path, expect=201, json=TOLD | {"caseNumber": "OS 1243/2026"})
    assert lead.post(f"/suits/{wrong['id']}/void", json={"remark": "Digits crossed"})["status"] == "VOID"
    assert told() == "01"
    over = {"on": f"{TODAY}", "remark": "Decreed"}
    early = lead.post(f"/suits/{suit['id']}/end", expect=422, json=over | {"on": f"{TODAY - timedelta(1)}"})
    assert "on" in early["error"]["fields"]
    ended = lead.post(f"/suits/{suit['id']}/end", json=over)
    assert (ended["status"], ended["endedOn"], ended["remark"], told()) == (
        "ENDED",
        f"{TODAY}",
        "Decreed",
        "00",
    )
    lead.post(f"/suits/{suit['id']}/end", expect=409, json=over)
    listed = lead.get(f"/collections/suits?loanId={case.loan_id}&sort=createdAt")["items"]
    assert [one["status"] for one in listed] == ["ENDED", "VOID"]
    assert lead.get(f"/collections/suits?loanId={case.loan_id}&status=FILED")["items"] == []


def test_nothing_to_sue_for_before_the_money_was_paid_out(platform: Platform):
    waiting = approved(platform)
    lead = platform.staff(Role.COLLECTION_MANAGER)
    refused = lead.post(f"/loans/{waiting.loan_id}/suits", expect=409, json=TOLD)
    assert refused["error"]["code"] == "NOTHING_TO_COLLECT"
