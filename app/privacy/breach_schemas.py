"""Breaches over the wire."""

import marshmallow as ma

from app.core.http import PageArgs, Schema
from app.privacy.breaches import AUTHORITIES, DUTIES, FACTS, FOR_AFFECTED
from app.privacy.retention import RETENTION
from app.privacy.states import BREACH

CLASSES = sorted({rule.data_class for rule in RETENTION})
_status = ma.validate.OneOf(BREACH.states)
_text = ma.validate.Length(min=1, max=2_000)


def _facts(names: tuple[str, ...]) -> type[Schema]:
    texts = {name: ma.fields.String(allow_none=True, validate=_text) for name in names}
    return Schema.from_dict(texts, name=f"BreachFactsOf{len(names)}")


BreachFacts = _facts(FACTS)


class DataBreachChange(Schema):
    """`facts` are what rule 7 asks for; they name nobody. `reportDueAt`: where the Board allowed longer than 72 h."""

    data_classes = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(CLASSES)), metadata={"example": ["identity"]}
    )
    facts = ma.fields.Nested(BreachFacts)
    occurred_at = ma.fields.AwareDateTime()
    occurred_until = ma.fields.AwareDateTime(allow_none=True)
    aware_at = ma.fields.AwareDateTime()
    report_due_at = ma.fields.AwareDateTime()


class DataBreachIn(DataBreachChange):
    data_classes = ma.fields.List(
        ma.fields.String(validate=ma.validate.OneOf(CLASSES)),
        required=True,
        validate=ma.validate.Length(min=1),
        metadata={"example": ["identity"]},
    )
    facts = ma.fields.Nested(BreachFacts, load_default=dict)
    occurred_at = ma.fields.AwareDateTime(required=True)
    occurred_until = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    aware_at = ma.fields.AwareDateTime(required=True)
    report_due_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)


class DutyOut(Schema):
    """`dueAt` null: without delay."""

    to = ma.fields.String(metadata={"enum": [duty.to for duty in DUTIES]})
    due_at = ma.fields.AwareDateTime(allow_none=True)
    done_at = ma.fields.AwareDateTime(allow_none=True)
    is_late = ma.fields.Boolean()
    basis = ma.fields.String()


class IntimationIn(Schema):
    told_to = ma.fields.String(required=True, validate=ma.validate.OneOf(AUTHORITIES))
    told_at = ma.fields.AwareDateTime(required=True)
    reference = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=200))


class IntimationOut(IntimationIn):
    id = ma.fields.UUID()
    told_by = ma.fields.String()


class DataBreachOut(Schema):
    id = ma.fields.UUID()
    breach_no = ma.fields.String()
    status = ma.fields.String(validate=_status)
    data_classes = ma.fields.List(ma.fields.String())
    facts = ma.fields.Nested(BreachFacts)
    occurred_at = ma.fields.AwareDateTime()
    occurred_until = ma.fields.AwareDateTime(allow_none=True)
    aware_at = ma.fields.AwareDateTime()
    report_due_at = ma.fields.AwareDateTime()
    affected = ma.fields.Integer(metadata={"description": "people whom it affects"})
    told = ma.fields.Integer(metadata={"description": "of them, how many were told"})
    duties = ma.fields.List(ma.fields.Nested(DutyOut))
    intimations = ma.fields.List(ma.fields.Nested(IntimationOut))
    created_at = ma.fields.AwareDateTime()


class DataBreachArgs(PageArgs):
    status = ma.fields.String(load_default=None, validate=_status)
    overdue = ma.fields.Boolean(load_default=None)


class AffectedIn(Schema):
    customer_ids = ma.fields.List(ma.fields.UUID(), load_default=list, validate=ma.validate.Length(max=1_000))
    everybody = ma.fields.Boolean(load_default=False)


class AffectedArgs(PageArgs):
    told = ma.fields.Boolean(load_default=None)


class AffectedOut(Schema):
    customer_id = ma.fields.UUID()
    told_at = ma.fields.AwareDateTime(allow_none=True)


class DataBreachMoveIn(Schema):
    status = ma.fields.String(required=True, validate=_status)
    remark = ma.fields.String(required=True, validate=ma.validate.Length(min=1, max=500))


class ToldBreachOut(Schema):
    """What a customer is told of a breach."""

    breach_no = ma.fields.String()
    data_classes = ma.fields.List(ma.fields.String())
    facts = ma.fields.Nested(_facts(FOR_AFFECTED))
    occurred_at = ma.fields.AwareDateTime()
    occurred_until = ma.fields.AwareDateTime(allow_none=True)
