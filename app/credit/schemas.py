"""Decisions over the wire: each rule with its verdict, the values it saw and its thresholds."""

import json
from typing import Any

import marshmallow as ma

from app.core.http import Schema
from app.credit.models import CreditDecision


class ReasonOut(Schema):
    rule_id = ma.fields.String()
    verdict = ma.fields.String(metadata={"enum": ["HIT", "NO_HIT", "NOT_EVALUATED"]})
    effect = ma.fields.String(metadata={"enum": ["reject", "refer", "approve", ""]})
    reason = ma.fields.String()
    condition = ma.fields.String(metadata={"description": "the rule as it is written"})
    values = ma.fields.Dict(metadata={"description": "feature to the value seen; null when unknown"})
    thresholds = ma.fields.Dict(metadata={"description": "parameter to its value"})
    source = ma.fields.String()


class DecisionOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    outcome = ma.fields.String(metadata={"enum": ["APPROVE", "REFER", "REJECT"]})
    ruleset_name = ma.fields.String()
    ruleset_hash = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    reasons = ma.fields.List(ma.fields.Nested(ReasonOut))
    verdicts = ma.fields.List(ma.fields.Nested(ReasonOut))
    inputs = ma.fields.Dict()
    derived = ma.fields.Dict()

    @ma.pre_dump
    def unfold(self, decision: CreditDecision, **_: Any) -> dict[str, Any]:
        """The stored record as the fields above; the reasons are the verdicts that led to the outcome."""
        record = json.loads(decision.record)
        by_rule = {verdict["rule_id"]: verdict for verdict in record["verdicts"]}
        columns = ("id", "loan_id", "outcome", "ruleset_name", "ruleset_hash", "created_at")
        return {
            **{name: getattr(decision, name) for name in columns},
            **{name: record[name] for name in ("verdicts", "inputs", "derived")},
            "reasons": [by_rule[rule_id] for rule_id in record["reasons"]],
        }


class ReplayOut(Schema):
    decision_id = ma.fields.UUID()
    identical = ma.fields.Boolean()
