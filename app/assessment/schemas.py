"""Assessments over the wire."""

import marshmallow as ma

from app.assessment.states import ASSESSMENT
from app.assessment.steps import STEPS
from app.core.http import Schema


class AssessmentOut(Schema):
    """`step` is the one that runs, is waited for or stopped; `reason` says what is missing, or why it stopped."""

    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": ASSESSMENT.states})
    step = ma.fields.String(allow_none=True, metadata={"enum": list(STEPS)})
    waits_for = ma.fields.String(allow_none=True, metadata={"enum": ["CUSTOMER", "BANK", "STAFF"]})
    reason = ma.fields.String(allow_none=True)
    decision_id = ma.fields.UUID(allow_none=True)
    began_at = ma.fields.AwareDateTime()
    looked_at = ma.fields.AwareDateTime()
