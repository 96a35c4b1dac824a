"""Bank data over the wire."""

import marshmallow as ma

from app.banking.service import STATUSES
from app.banking.states import AA_CONSENT, AA_SESSION
from app.core.http import PageArgs, Schema
from app.providers.aa import TERMS


class ConsentRequestIn(Schema):
    user_id = ma.fields.UUID(required=True)
    loan_id = ma.fields.UUID(required=True)
    template = ma.fields.String(
        load_default="UNDERWRITING",
        validate=ma.validate.OneOf(TERMS),
        metadata={"description": "purpose, what is read, and how long it is kept; see docs/providers.md"},
    )


class CancelIn(Schema):
    remark = ma.fields.String(required=True, validate=ma.validate.Length(min=5, max=500))


class ConsentRequestOut(Schema):
    """`redirectUrl` is where the customer answers."""

    id = ma.fields.UUID()
    user_id = ma.fields.UUID(attribute="customer_id")
    loan_id = ma.fields.UUID()
    provider = ma.fields.String()
    template = ma.fields.String(metadata={"enum": list(TERMS)})
    status = ma.fields.String(metadata={"enum": AA_CONSENT.states})
    txn_id = ma.fields.String()
    consent_handle = ma.fields.String()
    consent_id = ma.fields.String(allow_none=True)
    consent_expires_at = ma.fields.AwareDateTime(allow_none=True)
    redirect_url = ma.fields.Url()
    data_from = ma.fields.Date()
    data_to = ma.fields.Date()
    created_at = ma.fields.AwareDateTime()


class AccountOut(Schema):
    """One account of a session. `reason` says why a MISSING one did not come."""

    fip_id = ma.fields.String()
    fi_type = ma.fields.String()
    masked_account_number = ma.fields.String()
    status = ma.fields.String()
    reason = ma.fields.String()


class SessionOut(Schema):
    session_id = ma.fields.String()
    status = ma.fields.String(metadata={"enum": AA_SESSION.states})
    accounts = ma.fields.List(ma.fields.Nested(AccountOut))
    created_at = ma.fields.AwareDateTime()


class ConsentDetailOut(ConsentRequestOut):
    terms = ma.fields.Dict()
    sessions = ma.fields.List(ma.fields.Nested(SessionOut))


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
    missing = ma.fields.List(
        ma.fields.Nested(AccountOut), allow_none=True, metadata={"description": "accounts that did not come"}
    )
    delete_after = ma.fields.AwareDateTime(allow_none=True)
    source = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    features = ma.fields.Dict(allow_none=True)
    lineage = ma.fields.Dict(allow_none=True)
    report = ma.fields.Dict(allow_none=True)
