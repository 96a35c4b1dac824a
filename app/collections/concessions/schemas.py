"""Waivers, settlements and write-offs over the wire."""

import marshmallow as ma

from app.collections.concessions import service as concessions
from app.collections.concessions.instalments import OPEN, PAID, PART_PAID, Instalment
from app.collections.states import CONCESSION
from app.core.http import Money, PageArgs, Schema
from app.ledger.events import Part


class WaivedIn(Schema):
    principal = Money(load_default=0, minimum=0)
    interest = Money(load_default=0, minimum=0)
    penal = Money(load_default=0, minimum=0)
    charges = Money(load_default=0, minimum=0)


class SettlementPartIn(Schema):
    due_on = ma.fields.Date(required=True)
    amount = Money(required=True, minimum=1)


class ConcessionIn(Schema):
    kind = ma.fields.String(required=True, validate=ma.validate.OneOf(concessions.KINDS))
    reason = ma.fields.String(required=True, validate=ma.validate.Length(min=5, max=1000))
    waived = ma.fields.Nested(
        WaivedIn,
        load_default=None,
        allow_none=True,
        metadata={"description": "of a waiver: how much of each part"},
    )
    amount = Money(
        load_default=None, allow_none=True, metadata={"description": "of a settlement: what is to be paid"}
    )
    instalments = ma.fields.List(
        ma.fields.Nested(SettlementPartIn),
        load_default=list,
        validate=ma.validate.Length(max=12),
        metadata={"description": "of a settlement: when how much of it; at once if not said"},
    )

    @ma.post_load
    def _by_part(self, data: dict, **kwargs: object) -> dict:
        told = data["waived"] or {}
        plan = tuple(Instalment(**part) for part in data["instalments"])
        return data | {
            "waived": {PARTS[name].value: amount for name, amount in told.items()},
            "instalments": plan,
        }


PARTS = {
    "principal": Part.PRINCIPAL,
    "interest": Part.INTEREST,
    "penal": Part.PENAL,
    "charges": Part.CHARGE,
}


class ConcessionArgs(PageArgs):
    status = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.OneOf([*CONCESSION.states, None])
    )
    kind = ma.fields.String(
        load_default=None, allow_none=True, validate=ma.validate.OneOf([*concessions.KINDS, None])
    )
    loan_id = ma.fields.UUID(load_default=None, allow_none=True)


class SettlementPartOut(Schema):
    due_on = ma.fields.Date()
    amount = Money()
    status = ma.fields.String(metadata={"enum": [PAID, PART_PAID, OPEN]})


class ConcessionApprovalOut(Schema):
    by = ma.fields.String()
    level = ma.fields.String()
    at = ma.fields.String()


class ConcessionOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    kind = ma.fields.String(metadata={"enum": list(concessions.KINDS)})
    status = ma.fields.String(metadata={"enum": CONCESSION.states})
    amount = Money(allow_none=True)
    waived = ma.fields.Dict(keys=ma.fields.String(), values=Money())
    total_due = Money()
    days_past_due = ma.fields.Integer()
    authority = ma.fields.String(metadata={"enum": list(concessions.LEVELS)})
    warnings = ma.fields.List(ma.fields.String())
    reason = ma.fields.String()
    proposed_by = ma.fields.String()
    approvals = ma.fields.List(ma.fields.Nested(ConcessionApprovalOut))
    decided_by = ma.fields.String(allow_none=True)
    decided_at = ma.fields.AwareDateTime(allow_none=True)
    remark = ma.fields.String(allow_none=True)
    offered_on = ma.fields.Date(allow_none=True)
    valid_until = ma.fields.Date(allow_none=True)
    instalments = ma.fields.List(ma.fields.Nested(SettlementPartOut), attribute="plan")
    received = Money(allow_none=True, metadata={"description": "what came in for the settlement so far"})
    lapsed_on = ma.fields.Date(allow_none=True)
    letter_id = ma.fields.UUID(
        allow_none=True, metadata={"description": "the settlement's letter, with the documents of the loan"}
    )
    created_at = ma.fields.DateTime()
