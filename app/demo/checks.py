"""Reports, and what must hold when looked at from outside."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.core.identity import Role
from app.demo.client import wait_for
from app.demo.journeys import BRAND, OTHER_BRAND, World, expect

REPORTS = ("master-report", "disbursed-loan-report", "collection-loan-report")


def run_reports(world: World, loan: dict[str, Any]) -> None:
    """Have each report made by the worker and mailed, and download its CSV."""
    world.story.chapter("4. Reports")
    today = datetime.now(UTC).astimezone(ZoneInfo("Asia/Kolkata")).date().isoformat()
    span = {"fromDate": today, "toDate": today}
    for name in REPORTS:
        with world.story.step(name) as said:
            asked = world.admin.post(f"/report/{name}/email", expect=202, json={**span, "refresh": True})
            run = asked["run"]
            path = f"/report-runs/{run['runId']}"
            done = wait_for(lambda path=path: _finished(world.admin.get(path)), f"{name} to be produced")
            expect(done["status"] == "READY", f"{name}: {done}")
            csv = world.admin.get(f"/report/{name}/csv", params={"runId": run["runId"]})
            expect(loan["loanNo"].encode() in csv, f"{name} has the loan {loan['loanNo']}")
            world.story.keep(f"{name} (CSV)", f"{name}.csv", csv)
            said.append(f"{done['rowCount']} rows  {len(csv)} bytes")


def _finished(run: dict[str, Any]) -> dict[str, Any] | None:
    return run if run["status"] in ("READY", "FAILED") else None


def cross_check(world: World, loan: dict[str, Any]) -> None:
    """Brand isolation, replayed and forged webhooks."""
    world.story.chapter("5. Checks from outside")
    with world.story.step("another brand's staff get 404 for this loan"):
        stranger = world.staff(Role.ADMIN, OTHER_BRAND)
        stranger.get(f"/loans/{loan['id']}", expect=404)
        stranger.call("GET", f"/partner/brand/{BRAND}/loans/{loan['id']}", expect=404)
    with world.story.step("the payment webhook a second time changes nothing"):
        before = world.admin.get(f"/loans/{loan['id']}/ledger")
        sent = world.sandbox.call(
            "POST", "/__sandbox__/webhooks/resend", expect=202, json={"provider": "razorpay"}
        )
        wait_for(lambda: _delivered_again(world, sent["webhooks"][0]["eventId"]), "the second delivery")
        expect(world.admin.get(f"/loans/{loan['id']}/ledger") == before, "the ledger is as it was")
    with world.story.step("a webhook with a wrong signature gets 401"):
        world.api.call(
            "POST",
            f"/partner/brand/{BRAND}/payment/webhook",
            expect=401,
            data=json.dumps({"event": "payment_link.paid"}),
            headers={"X-Razorpay-Signature": "0" * 64, "x-razorpay-event-id": "forged"},
        )
    with world.story.step("a stored decision replays to the same bytes"):
        decision = world.credit_executive.get(f"/loans/{loan['id']}/decisions")[0]
        again = world.credit_executive.post(f"/decisions/{decision['id']}/replay")
        expect(again["identical"], "the replay is identical")


def _delivered_again(world: World, event_id: str) -> bool:
    sent = world.sandbox.call("GET", "/__sandbox__/webhooks", params={"provider": "razorpay"})["webhooks"]
    tries = [attempt for webhook in sent if webhook["eventId"] == event_id for attempt in webhook["tries"]]
    return len(tries) > 1
