"""Policies over the wire."""

from typing import Any

import marshmallow as ma
from flask_smorest.fields import Upload

from app.core.http import PageArgs, Schema
from app.policies.backtests import FAILED, FILES, QUEUED, READY, RUNNING, STAGES
from app.policies.drafts import FILES_MAX
from app.policies.models import PolicyBacktest
from app.policies.states import EXPERIMENT, VERSION

_REMARK = ma.validate.Length(min=1, max=500)
_FILE_CHARS_MAX = 500_000


def _files(**kwargs: Any) -> ma.fields.Dict:
    return ma.fields.Dict(
        keys=ma.fields.String(validate=ma.validate.Length(min=1, max=100)),
        values=ma.fields.String(validate=ma.validate.Length(max=_FILE_CHARS_MAX)),
        validate=ma.validate.Length(max=FILES_MAX),
        metadata={
            "description": "text by file name, in place of the files in force",
            "example": {"brands/qualoan/bre.yaml": "ruleset: bre\nbrand: qualoan\n..."},
        },
        **kwargs,
    )


class FilesIn(Schema):
    files = _files(load_default=dict)


class DraftIn(Schema):
    files = _files(required=True)
    remark = ma.fields.String(required=True, validate=_REMARK)


class PolicyRemarkIn(Schema):
    remark = ma.fields.String(required=True, validate=_REMARK)


class ApproveIn(PolicyRemarkIn):
    effective_from = ma.fields.AwareDateTime(
        load_default=None, allow_none=True, metadata={"description": "with its zone; null is now"}
    )
    trial = ma.fields.Boolean(
        load_default=False, metadata={"description": "only as a challenger, not in force"}
    )

    @ma.validates_schema
    def _one_or_the_other(self, data: dict[str, Any], **kwargs: Any) -> None:
        if data.get("trial") and data.get("effective_from"):
            raise ma.ValidationError({"effectiveFrom": ["A trial comes into force only by an approval."]})


class DecideIn(FilesIn):
    inputs = ma.fields.Dict(
        keys=ma.fields.String(), required=True, metadata={"description": "features by name; unknown left out"}
    )


class DiffArgs(Schema):
    left = ma.fields.String(
        load_default="in-force", metadata={"description": "a version id, in-force or shipped"}
    )
    right = ma.fields.String(
        load_default="in-force", metadata={"description": "a version id, in-force or shipped"}
    )


class BacktestIn(Schema):
    from_date = ma.fields.Date(load_default=None, allow_none=True)
    to_date = ma.fields.Date(load_default=None, allow_none=True)


class BookFiles(Schema):
    file = Upload(required=True)


class ProposalIn(PolicyRemarkIn):
    version_id = ma.fields.UUID(required=True)
    mode = ma.fields.String(required=True, validate=ma.validate.OneOf(["SHADOW", "SHARE"]))
    share_percent = ma.fields.Integer(load_default=0, validate=ma.validate.Range(min=0, max=99))


class VersionArgs(PageArgs):
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(VERSION.states))


class ExperimentArgs(PageArgs):
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(EXPERIMENT.states))


class ProblemOut(Schema):
    file = ma.fields.String()
    line = ma.fields.Integer()
    column = ma.fields.Integer()
    message = ma.fields.String()
    text = ma.fields.String()
    suggestion = ma.fields.String()


class SoundnessOut(Schema):
    sound = ma.fields.Boolean()
    problems = ma.fields.List(ma.fields.Nested(ProblemOut))


class VersionOut(Schema):
    """`makers` cannot approve it. An APPROVED version is in force from `effectiveFrom` until a later one is."""

    id = ma.fields.UUID()
    ruleset = ma.fields.String()
    number = ma.fields.Integer()
    status = ma.fields.String(metadata={"enum": VERSION.states})
    ruleset_hash = ma.fields.String()
    champion_hash = ma.fields.String(allow_none=True)
    remark = ma.fields.String()
    makers = ma.fields.List(ma.fields.String())
    approved_by = ma.fields.String(allow_none=True)
    backtest_id = ma.fields.UUID(allow_none=True)
    effective_from = ma.fields.AwareDateTime(allow_none=True)
    rolled_back_at = ma.fields.AwareDateTime(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class VersionFilesOut(VersionOut):
    """A version with all of its files: what it was compiled from, and its cases."""

    files = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())


class ExperimentOut(Schema):
    """`maker` asked for what waits for a second person."""

    id = ma.fields.UUID()
    ruleset = ma.fields.String()
    version_id = ma.fields.UUID()
    mode = ma.fields.String(metadata={"enum": ["SHADOW", "SHARE"]})
    share_percent = ma.fields.Integer()
    status = ma.fields.String(metadata={"enum": EXPERIMENT.states})
    remark = ma.fields.String()
    maker = ma.fields.String()
    started_at = ma.fields.AwareDateTime(allow_none=True)
    stopped_at = ma.fields.AwareDateTime(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class PolicyOut(Schema):
    """What is in force for a rule set: `version`, or null where the files that came with the service are."""

    ruleset = ma.fields.String()
    hash = ma.fields.String()
    rule_count = ma.fields.Integer()
    version = ma.fields.Nested(VersionOut, allow_none=True)
    scheduled = ma.fields.Nested(VersionOut, allow_none=True)
    experiment = ma.fields.Nested(ExperimentOut, allow_none=True)
    unknown_to_it = ma.fields.List(
        ma.fields.String(),
        metadata={
            "description": "inputs and values that the service has by now and its version is too old to know"
        },
    )


class ShowOut(Schema):
    """A rule set as it applies, bases included; conditions and cells in the words of the files."""

    brand = ma.fields.String()
    ruleset = ma.fields.String()
    hash = ma.fields.String()
    files = ma.fields.List(ma.fields.String())
    parameters = ma.fields.List(ma.fields.Dict())
    derived = ma.fields.List(ma.fields.Dict())
    tables = ma.fields.List(ma.fields.Dict())
    scorecards = ma.fields.List(ma.fields.Dict())
    rules = ma.fields.List(ma.fields.Dict())
    inputs = ma.fields.List(ma.fields.Dict())


class CasesOut(Schema):
    """How the cases came out, and what no case touches."""

    passed = ma.fields.Boolean()
    cases = ma.fields.Integer()
    failures = ma.fields.List(ma.fields.Dict())
    coverage = ma.fields.Dict()


class ChangeOut(Schema):
    section = ma.fields.String()
    id = ma.fields.String()
    sentence = ma.fields.String()


class DiffOut(Schema):
    left_hash = ma.fields.String()
    right_hash = ma.fields.String()
    changes = ma.fields.List(ma.fields.Nested(ChangeOut))


def _href(run: PolicyBacktest) -> str:
    return f"/partner/brand/{run.brand_id}/policies/backtests/{run.id}"


def _files_of(run: PolicyBacktest) -> dict[str, str]:
    return {kind: f"{_href(run)}/files/{kind}" for kind in FILES} if run.file_key else {}


class BacktestOut(Schema):
    """`href` tells how far it is. Once it is READY `summary` has the figures, `files` where to get the rest."""

    id = ma.fields.UUID()
    version_id = ma.fields.UUID()
    champion_hash = ma.fields.String()
    challenger_hash = ma.fields.String()
    status = ma.fields.String(metadata={"enum": [QUEUED, RUNNING, READY, FAILED]})
    stage = ma.fields.String(allow_none=True, metadata={"enum": list(STAGES)})
    progress_percent = ma.fields.Integer()
    from_date = ma.fields.Date(allow_none=True)
    to_date = ma.fields.Date(allow_none=True)
    book_sha256 = ma.fields.String(
        allow_none=True, metadata={"description": "of a book that was sent; else null"}
    )
    decision_count = ma.fields.Integer(allow_none=True)
    summary = ma.fields.Dict(allow_none=True)
    reason = ma.fields.String(allow_none=True)
    requested_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    href = ma.fields.Function(_href, metadata={"type": "string"})
    files = ma.fields.Function(_files_of, metadata={"type": "object"})


class VerdictOut(Schema):
    rule_id = ma.fields.String()
    verdict = ma.fields.String(metadata={"enum": ["HIT", "NO_HIT", "NOT_EVALUATED"]})
    effect = ma.fields.String(metadata={"enum": ["reject", "refer", "approve", ""]})
    severity = ma.fields.String(metadata={"enum": ["hard", "soft", "info"]})
    code = ma.fields.String(metadata={"description": "adverse action code"})
    reason = ma.fields.String()
    why = ma.fields.String(metadata={"description": "why it was not evaluated"})
    condition = ma.fields.String(metadata={"description": "the rule as it is written"})
    values = ma.fields.Dict(metadata={"description": "feature to the value seen; null when unknown"})
    thresholds = ma.fields.Dict(metadata={"description": "parameter to its value"})
    source = ma.fields.String()


class DecisionBody(Schema):
    """What a decision says. `reasons` are the verdicts that led to the outcome."""

    outcome = ma.fields.String(metadata={"enum": ["APPROVE", "REFER", "REJECT"]})
    reasons = ma.fields.List(ma.fields.Nested(VerdictOut))
    customer_reasons = ma.fields.List(ma.fields.String())
    verdicts = ma.fields.List(ma.fields.Nested(VerdictOut))
    inputs = ma.fields.Dict()
    derived = ma.fields.Dict()
    offer = ma.fields.Dict(allow_none=True)


class TryOut(DecisionBody):
    ruleset_hash = ma.fields.String()
    ignored_inputs = ma.fields.List(ma.fields.String())


def unfolded(record: dict[str, Any]) -> dict[str, Any]:
    """A decision's record with the verdicts of its reasons in place of their rule ids."""
    by_rule = {verdict["rule_id"]: verdict for verdict in record["verdicts"]}
    return record | {"reasons": [by_rule[rule_id] for rule_id in record["reasons"]]}
