"""Bureau reports over the wire."""

import marshmallow as ma

from app.core.http import Schema
from app.core.personal import masked_identity


class PullIn(Schema):
    """`repullRemark`: buy a new report although there is a recent one, and why."""

    repull_remark = ma.fields.String(load_default=None, validate=ma.validate.Length(min=5, max=500))


class BureauReportOut(Schema):
    """Features by their names in the feature dictionary; `lineage` names the report's fields behind each."""

    id = ma.fields.UUID()
    loan_id = ma.fields.UUID(metadata={"description": "the loan for which it was pulled"})
    bureau = ma.fields.String()
    status = ma.fields.String(metadata={"enum": ["READ", "UNREADABLE"]})
    reason = ma.fields.String(allow_none=True, metadata={"description": "why it cannot be read"})
    outcome = ma.fields.String(allow_none=True, metadata={"enum": ["SCORED", "THIN_FILE", "NO_HIT"]})
    score = ma.fields.Integer(
        allow_none=True, metadata={"description": "null: no record, or too thin a file"}
    )
    pulled_on = ma.fields.Date(allow_none=True)
    control_number = ma.fields.String(allow_none=True)
    summary = ma.fields.Dict(metadata={"description": "counts, sums and dates; see docs/pipelines.md"})
    features = ma.fields.Dict()
    lineage = ma.fields.Dict()
    consent_id = ma.fields.UUID()
    repull_remark = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class BureauIdentityOut(Schema):
    """Names as they are, the rest masked."""

    kind = ma.fields.String()
    value = ma.fields.Function(
        lambda found: masked_identity(found["kind"], found["value"]),
        metadata={"type": "string", "nullable": True},
    )


class BureauDetailsOut(Schema):
    """The report in the one schema of all bureaus: keys as in docs/pipelines.md, money as text, unknown is null."""

    id = ma.fields.UUID()
    bureau = ma.fields.String()
    accounts = ma.fields.List(ma.fields.Dict())
    enquiries = ma.fields.List(ma.fields.Dict())
    identities = ma.fields.List(ma.fields.Nested(BureauIdentityOut))
