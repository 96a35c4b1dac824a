"""Records of other domains as a file shows them, where no call of theirs did so before."""

from typing import Any

import marshmallow as ma

from app.banking.schemas import AnalysisOut
from app.bureau.schemas import BureauReportOut
from app.core.http import Schema
from app.core.masking import mask_text


def _words(name: str) -> ma.fields.Function:
    """A text of a message; null once it was erased, or where the channel has none."""

    def masked(message: Any) -> str | None:
        text = message.body.get(name)
        return mask_text(text) if text else None

    return ma.fields.Function(masked, metadata={"type": "string", "nullable": True, "description": "masked"})


class FileMessageOut(Schema):
    """`status` says whether we handed it over, `delivery` what its provider told of it last."""

    id = ma.fields.UUID()
    loan_id = ma.fields.UUID(allow_none=True)
    event = ma.fields.String()
    channel = ma.fields.String()
    status = ma.fields.String()
    subject = _words("subject")
    text = _words("text")
    provider = ma.fields.String(allow_none=True)
    sent_at = ma.fields.AwareDateTime(allow_none=True)
    delivery = ma.fields.String(allow_none=True)
    delivery_at = ma.fields.AwareDateTime(allow_none=True)
    delivery_reason = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class StandingOut(AnalysisOut):
    """An analysis of bank data without its report."""

    class Meta:
        exclude = ("report", "lineage")


class BureauHeadOut(BureauReportOut):
    """A bureau report without where each feature is from."""

    class Meta:
        exclude = ("lineage",)
