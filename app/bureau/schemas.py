"""Bureau reports over the wire."""

import marshmallow as ma

from app.core.http import Schema


class BureauReportOut(Schema):
    """Features by their names in the feature dictionary; `lineage` names the report's fields behind each."""

    id = ma.fields.UUID()
    loan_id = ma.fields.UUID(metadata={"description": "the loan for which it was pulled"})
    bureau = ma.fields.String()
    score = ma.fields.Integer(
        allow_none=True, metadata={"description": "null: no record, or too thin a file"}
    )
    features = ma.fields.Dict()
    lineage = ma.fields.Dict()
    consent_id = ma.fields.UUID()
    created_at = ma.fields.AwareDateTime()
