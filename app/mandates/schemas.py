"""Mandates over the wire."""

import marshmallow as ma

from app.brands.schemas import MANDATE_NEEDS
from app.core.http import Money, Schema
from app.mandates.states import MANDATE

METHODS = ["emandate", "upi"]


class MandateIn(Schema):
    method = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=ma.validate.OneOf(METHODS),
        metadata={"description": "the brand's, if not said"},
    )


class MandateReasonIn(Schema):
    reason = ma.fields.String(required=True, validate=ma.validate.Length(min=5, max=500))


class MandateOut(Schema):
    """Where the customer gives it: at `url`, or in the gateway's checkout, opened with `checkoutKey`."""

    id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": MANDATE.states})
    provider = ma.fields.String()
    method = ma.fields.String(metadata={"enum": METHODS})
    amount_max = Money(metadata={"description": "that one debit may take"})
    valid_until = ma.fields.Date()
    open_until = ma.fields.AwareDateTime(metadata={"description": "when the page closes"})
    url = ma.fields.URL(allow_none=True)
    checkout_key = ma.fields.String(allow_none=True)
    umrn = ma.fields.Method("_last_four", allow_none=True, metadata={"description": "its last four letters"})
    failure_reason = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()

    def _last_four(self, mandate) -> str | None:
        return f"XXXX{mandate.umrn[-4:]}" if mandate.umrn else None


class WaiverOut(Schema):
    reason = ma.fields.String()
    waived_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()


class MandateStateOut(Schema):
    loan_id = ma.fields.UUID()
    need = ma.fields.String(metadata={"enum": MANDATE_NEEDS})
    is_met = ma.fields.Boolean(metadata={"description": "nothing more is needed before the loan is paid out"})
    mandate = ma.fields.Nested(MandateOut, allow_none=True)
    waiver = ma.fields.Nested(WaiverOut, allow_none=True)
