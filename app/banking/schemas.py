"""Bank data over the wire."""

import marshmallow as ma
from flask_smorest.fields import Upload

from app.banking.service import STATUSES
from app.banking.statements.analysers import STATUSES as ANALYSER_STATUSES
from app.banking.statements.reading import STAGES
from app.banking.statements.service import PASSWORD_CHARS_MAX
from app.banking.states import AA_CONSENT, AA_SESSION, STATEMENT
from app.core.http import Money, PageArgs, Schema
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


class StatementForm(Schema):
    """`password` opens the file; it is kept encrypted until the file was opened, and then forgotten."""

    password = ma.fields.String(
        load_default=None, load_only=True, validate=ma.validate.Length(min=1, max=PASSWORD_CHARS_MAX)
    )


class StatementFiles(Schema):
    file = Upload(required=True)


class RowProblemOut(Schema):
    """A row that is to blame: its page and line, both from 1."""

    page = ma.fields.Integer()
    row = ma.fields.Integer()
    reason = ma.fields.String()
    date = ma.fields.String()
    amount = ma.fields.String()
    balance = ma.fields.String()
    expected_balance = ma.fields.String()


class StatementOut(Schema):
    """`status` says in a word where it stands or why it is of no use, `reason` in a sentence.

    `reportId` is the analysis that it went into: `GET .../loans/<loan_id>/bsa` shows the newest. `duplicate` is
    in the answer to an upload: this very file was here before.
    """

    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": STATEMENT.states})
    stage = ma.fields.String(allow_none=True, metadata={"enum": list(STAGES)})
    progress_percent = ma.fields.Integer()
    reason = ma.fields.String(allow_none=True)
    rows = ma.fields.List(ma.fields.Nested(RowProblemOut))
    warnings = ma.fields.List(ma.fields.String())
    file_type = ma.fields.String(metadata={"enum": ["pdf", "xlsx", "xls", "csv", "json"]})
    size_bytes = ma.fields.Integer()
    sha256 = ma.fields.String()
    bank = ma.fields.String(allow_none=True)
    account_number = ma.fields.String(allow_none=True)
    ifsc = ma.fields.String(allow_none=True)
    currency = ma.fields.String(allow_none=True)
    period_from = ma.fields.Date(allow_none=True)
    period_to = ma.fields.Date(allow_none=True)
    transaction_count = ma.fields.Integer(allow_none=True)
    opening_balance = Money(allow_none=True)
    closing_balance = Money(allow_none=True)
    read_by = ma.fields.String(
        metadata={"description": "own, or the analyser whose transactions stand in where our reader had none"}
    )
    delete_after = ma.fields.AwareDateTime()
    report_id = ma.fields.UUID(allow_none=True)
    duplicate = ma.fields.Boolean()
    created_at = ma.fields.AwareDateTime()


class AnalyserOut(Schema):
    """What the brand's analyser made of the same file: its figures, and where they differ from ours."""

    provider = ma.fields.String(attribute="analyser")
    status = ma.fields.String(
        attribute="analyser_status",
        allow_none=True,
        metadata={"enum": ANALYSER_STATUSES},
    )
    reason = ma.fields.String(attribute="analyser_reason", allow_none=True)
    reference = ma.fields.String(attribute="analyser_reference", allow_none=True)
    figures = ma.fields.Dict(allow_none=True)
    differences = ma.fields.List(ma.fields.Dict(), allow_none=True)


class StaffStatementOut(StatementOut):
    """With whose account it is, where the analysis is, and what the brand's analyser says."""

    holder_name = ma.fields.String(allow_none=True)
    own_status = ma.fields.String(
        allow_none=True,
        metadata={"description": "what our reader came to, where the analyser was asked instead"},
    )
    report = ma.fields.Function(
        lambda statement: (
            statement.report_id and f"/partner/brand/{statement.brand_id}/loans/{statement.loan_id}/bsa"
        ),
        metadata={"type": "string", "nullable": True},
    )
    analyser = ma.fields.Function(
        lambda statement: AnalyserOut().dump(statement), metadata={"type": "object"}
    )
