"""Wall: a decision keeps what it saw and can be replayed; what is not known never passes."""

import json

import durable_rules_engine as durable
import pytest

from rules.engines import durable_engine
from rules.engines.sweep import Sweep
from tests.credit.tampering import record_of, tell_otherwise
from tests.platform import Platform
from tests.stages import Stages


def test_a_good_applicant_is_approved_with_every_rule_on_record(platform: Platform) -> None:
    stages = Stages(platform).decided("APPROVE")
    decision = stages.staff.get(f"/loans/{stages.id}/decisions")[0]
    assert decision["reasons"] == []
    assert len(decision["verdicts"]) >= 25
    assert decision["inputs"]["bureau_score"] == 782
    assert stages.now()["status"] == "APPLIED"


def test_a_reject_ends_the_application_with_values_and_thresholds(platform: Platform) -> None:
    stages = Stages(platform, "OVE").decided("REJECT", amount="20000.00")
    decision = stages.staff.get(f"/loans/{stages.id}/decisions")[0]
    score = next(r for r in decision["reasons"] if "bureau_score" in r["values"])
    assert score["values"]["bureau_score"] == 560
    assert score["thresholds"]
    assert stages.now()["status"] == "REJECTED"
    stages.staff.post(f"/loans/{stages.id}/evaluate", expect=409)


def test_without_evidence_nobody_is_approved(platform: Platform) -> None:
    stages = Stages(platform).applied()
    decision = stages.staff.post(f"/loans/{stages.id}/evaluate", expect=201)
    assert decision["outcome"] == "REFER"
    unknown = [v for v in decision["verdicts"] if v["verdict"] == "NOT_EVALUATED"]
    assert len(unknown) > 5
    assert {v["effect"] for v in unknown} <= {"refer", "reject", ""}


def test_new_to_credit_is_referred(platform: Platform) -> None:
    stages = Stages(platform, "NTC").decided("REFER", amount="15000.00")
    assert stages.now()["status"] == "APPLIED"


def test_a_stored_decision_replays_to_the_same_bytes(platform: Platform) -> None:
    stages = Stages(platform, "OVE").decided("REJECT", amount="20000.00")
    decision = stages.staff.get(f"/loans/{stages.id}/decisions")[0]
    assert stages.staff.post(f"/decisions/{decision['id']}/replay")["identical"] is True


def test_a_record_that_was_tampered_with_does_not_replay(platform: Platform) -> None:
    stages = Stages(platform).decided("APPROVE")
    ((decision_id,),) = platform.sql("SELECT id::text FROM decision WHERE loan_id = %s", stages.id)
    changed = json.loads(record_of(platform, decision_id))
    changed["inputs"]["bureau_score"] = 300
    tell_otherwise(platform, decision_id, json.dumps(changed))
    assert stages.staff.post(f"/decisions/{decision_id}/replay")["identical"] is False


def test_the_customer_is_told_reasons_without_internals(platform: Platform) -> None:
    stages = Stages(platform, "OVE").decided("REJECT", amount="20000.00")
    platform.drain()
    mail = next(
        m for m in platform.sandbox.messages(stages.app.person["email"]) if "could not approve" in m["text"]
    )
    assert "560" not in mail["text"]
    assert "bureau_score" not in mail["text"]


def test_an_engine_that_fails_decides_nothing_and_may_be_asked_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One raises, is silent, or says other than its fellow: the application waits as it was."""
    stages = Stages(platform).decided("APPROVE")
    path = f"/loans/{stages.id}/decisions"
    before = stages.now(), stages.staff.get(path)
    for engine, name, broken in (
        (durable, "assert_fact", lambda *_: 1 / 0),
        (durable, "start_action_for_state", lambda *_: None),
        (durable_engine, "match", lambda *_: (1, 0)),
        (Sweep, "bits", lambda *_: 1 / 0),
    ):
        with monkeypatch.context() as fault:
            fault.setattr(engine, name, broken)
            refused = stages.staff.post(f"/loans/{stages.id}/evaluate", expect=503)
        assert refused["error"]["code"] == "DECISION_REFUSED"
        assert (stages.now(), stages.staff.get(path)) == before
    assert before[0]["status"] == "APPLIED"
    assert len(_decided_events(platform, stages.id)) == 1
    assert stages.staff.post(f"/loans/{stages.id}/evaluate", expect=201)["outcome"] == "APPROVE"
    assert len(_decided_events(platform, stages.id)) == 2


def _decided_events(platform: Platform, loan_id: str) -> list[tuple]:
    return platform.sql(
        "SELECT id FROM audit_event WHERE action = 'loan.decided' AND entity_id::text = %s", loan_id
    )
