"""Decisions over the wire: each rule with its verdict, the values it saw and its thresholds."""

import json
from typing import Any

import marshmallow as ma

from app.core.http import Money, Schema
from app.credit.models import CreditDecision
from app.policies.schemas import DecisionBody, ExperimentOut, unfolded


class DecisionOut(DecisionBody):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    ruleset_name = ma.fields.String()
    ruleset_hash = ma.fields.String()
    created_at = ma.fields.AwareDateTime()

    @ma.pre_dump
    def unfold(self, decision: CreditDecision, **_: Any) -> dict[str, Any]:
        """The stored record as the fields above."""
        columns = ("id", "loan_id", "outcome", "ruleset_name", "ruleset_hash", "created_at")
        return unfolded(json.loads(decision.record)) | {name: getattr(decision, name) for name in columns}


class OriginOut(Schema):
    source = ma.fields.String(metadata={"example": "bureau_report:cibil"})
    id = ma.fields.String(metadata={"description": "of the record of that kind"})
    observed_at = ma.fields.String(metadata={"format": "date-time"})


class DatumOut(Schema):
    name = ma.fields.String()
    value = ma.fields.Raw(metadata={"description": "null when unknown"})
    shown = ma.fields.String()
    unit = ma.fields.String()
    meaning = ma.fields.String()
    source = ma.fields.String(metadata={"description": "as the dictionary declares it"})
    origin = ma.fields.Nested(OriginOut, allow_none=True)


class ExplainedOut(Schema):
    rule_id = ma.fields.String()
    reason = ma.fields.String()
    data = ma.fields.List(ma.fields.Nested(DatumOut))
    thresholds = ma.fields.Dict()


class MoveOut(Schema):
    name = ma.fields.String()
    now = ma.fields.Raw()
    to = ma.fields.Raw()
    unit = ma.fields.String()


class WayOut(Schema):
    outcome = ma.fields.String()
    moves = ma.fields.List(ma.fields.Nested(MoveOut))
    for_staff = ma.fields.String()
    for_customer = ma.fields.String()


class OutlookOut(Schema):
    """The smallest changes of what a person can influence that would help, each decided on before it is told."""

    changes = ma.fields.List(ma.fields.Nested(WayOut))
    beyond_influence = ma.fields.List(ma.fields.String())
    for_staff = ma.fields.List(ma.fields.String())
    for_customer = ma.fields.List(ma.fields.String())


class ExplanationOut(Schema):
    """`explained` are the reasons with all that they read; `data` every input, each with the record it came from."""

    decision = ma.fields.Nested(DecisionOut)
    summary = ma.fields.String()
    explained = ma.fields.List(ma.fields.Nested(ExplainedOut))
    data = ma.fields.List(ma.fields.Nested(DatumOut))
    what_would_change = ma.fields.Nested(OutlookOut)


class BureauNoticeOut(Schema):
    name = ma.fields.String()
    notice = ma.fields.String()
    free_report_url = ma.fields.String()


class CustomerDecisionOut(Schema):
    """How an application stands. A customer hears reasons, never values or rules."""

    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": ["UNDER_REVIEW", "DECLINED", "WITHDRAWN", "ACCEPTED"]})
    decided_at = ma.fields.AwareDateTime()
    reasons = ma.fields.List(ma.fields.String(), metadata={"description": "at most four"})
    bureau = ma.fields.Nested(BureauNoticeOut, allow_none=True)
    what_would_help = ma.fields.List(ma.fields.String())


class ReplayOut(Schema):
    decision_id = ma.fields.UUID()
    identical = ma.fields.Boolean()
    differences = ma.fields.List(ma.fields.String())


class SideOut(Schema):
    outcomes = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    approval_rate = ma.fields.Float(allow_none=True)
    reasons = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    offer_count = ma.fields.Integer()
    offered_amount = Money()
    offered_amount_average = Money(allow_none=True)
    repayment_known = ma.fields.Integer()
    bad = ma.fields.Integer()
    bad_rate = ma.fields.Float(allow_none=True)


class ComparisonOut(Schema):
    """`compared` decisions were made by both sides; `swaps` go from the champion's outcome to the challenger's."""

    experiment = ma.fields.Nested(ExperimentOut)
    decisions = ma.fields.Integer()
    compared = ma.fields.Integer()
    failures = ma.fields.Integer(metadata={"description": "shadow decisions that could not be made"})
    served = ma.fields.Dict(metadata={"description": "decisions that customers got, by side"})
    swaps = ma.fields.Dict()
    champion = ma.fields.Nested(SideOut)
    challenger = ma.fields.Nested(SideOut)
