"""Bank data over the wire."""

import marshmallow as ma

from app.banking.service import STATUSES
from app.banking.states import AA_CONSENT
from app.core.http import PageArgs, Schema


class ConsentRequestIn(Schema):
    user_id = ma.fields.UUID(required=True)
    loan_id = ma.fields.UUID(required=True)


class ConsentRequestOut(Schema):
    """`redirectUrl` is where the customer answers."""

    id = ma.fields.UUID()
    user_id = ma.fields.UUID(attribute="customer_id")
    loan_id = ma.fields.UUID()
    provider = ma.fields.String()
    status = ma.fields.String(metadata={"enum": AA_CONSENT.states})
    txn_id = ma.fields.String()
    consent_handle = ma.fields.String()
    consent_id = ma.fields.String(allow_none=True)
    redirect_url = ma.fields.Url()
    data_from = ma.fields.Date()
    data_to = ma.fields.Date()
    created_at = ma.fields.AwareDateTime()


class ConsentRequestArgs(PageArgs):
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(AA_CONSENT.states))
    loan_id = ma.fields.UUID(load_default=None)


class AnalysisOut(Schema):
    """Features by their names in the feature dictionary; `lineage` names the transactions behind each."""

    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": STATUSES})
    reason = ma.fields.String(allow_none=True)
    consent_status = ma.fields.String(allow_none=True, metadata={"enum": AA_CONSENT.states})
    source = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    features = ma.fields.Dict(allow_none=True)
    lineage = ma.fields.Dict(allow_none=True)
    report = ma.fields.Dict(allow_none=True)
