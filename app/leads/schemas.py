"""Leads over the wire."""

import marshmallow as ma
from flask_smorest.fields import Upload

from app.core.http import PageArgs, Schema
from app.core.masking import mask
from app.core.personal import MaskedEmail, MaskedPhone
from app.leads.models import FAILED, QUEUED, READY, RUNNING, SYNC, UPLOAD
from app.leads.states import STATUSES

IDS_MAX = 1_000


class LeadFile(Schema):
    file = Upload(required=True)


class Filters(Schema):
    """`search`: words of the name or how they begin, a part of the campaign, or a whole phone or e-mail address."""

    search = ma.fields.String(load_default=None, validate=ma.validate.Length(max=100))
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(STATUSES))
    is_organic = ma.fields.Boolean(load_default=None)
    campaign_id = ma.fields.String(load_default=None, validate=ma.validate.Length(max=100))
    run_id = ma.fields.UUID(load_default=None)
    from_date = ma.fields.Date(load_default=None)
    to_date = ma.fields.Date(load_default=None)

    @ma.validates_schema
    def _in_order(self, data: dict, **_: object) -> None:
        if data.get("from_date") and data.get("to_date") and data["from_date"] > data["to_date"]:
            raise ma.ValidationError("Comes before fromDate.", "toDate")


class LeadArgs(PageArgs, Filters):
    pass


class ExportArgs(Filters):
    unmasked = ma.fields.Boolean(load_default=False)


class RunArgs(PageArgs):
    kind = ma.fields.String(load_default=None, validate=ma.validate.OneOf([UPLOAD, SYNC]))


class SyncIn(Schema):
    lead_ids = ma.fields.List(
        ma.fields.UUID(),
        load_default=None,
        validate=ma.validate.Length(min=1, max=IDS_MAX),
        metadata={"description": "only these leads; without it all that are PENDING"},
    )
    retry_failed = ma.fields.Boolean(
        load_default=False, metadata={"description": "also those that found no customer before"}
    )


class IdsIn(Schema):
    ids = ma.fields.List(ma.fields.UUID(), required=True, validate=ma.validate.Length(min=1, max=IDS_MAX))


class DeletedOut(Schema):
    deleted = ma.fields.Integer()
    not_found = ma.fields.List(ma.fields.UUID())


class LeadRunOut(Schema):
    """A file that is read, or a matching of leads, and how far it is."""

    id = ma.fields.UUID()
    kind = ma.fields.String(metadata={"enum": [UPLOAD, SYNC]})
    status = ma.fields.String(metadata={"enum": [QUEUED, RUNNING, READY, FAILED]})
    file_name = ma.fields.String(allow_none=True)
    rows_total = ma.fields.Integer()
    rows_done = ma.fields.Integer()
    progress_percent = ma.fields.Function(
        lambda run: 100 if run.status == READY else 100 * run.rows_done // max(run.rows_total, 1),
        metadata={"type": "integer"},
    )
    pending = ma.fields.Integer(attribute="pending_count")
    processed = ma.fields.Integer(attribute="processed_count")
    failed = ma.fields.Integer(attribute="failed_count")
    duplicates = ma.fields.Integer(attribute="duplicate_count")
    reason = ma.fields.String(allow_none=True)
    requested_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()
    finished_at = ma.fields.AwareDateTime(allow_none=True)


class LeadOut(Schema):
    id = ma.fields.UUID()
    run_id = ma.fields.UUID()
    line_no = ma.fields.Integer()
    status = ma.fields.String(metadata={"enum": list(STATUSES)})
    message = ma.fields.String(allow_none=True)
    name = ma.fields.String(allow_none=True)
    phone = MaskedPhone()
    email = MaskedEmail()
    city = ma.fields.String(allow_none=True)
    is_organic = ma.fields.Boolean()
    platform = ma.fields.String(allow_none=True)
    campaign_name = ma.fields.String(allow_none=True)
    submitted_at = ma.fields.AwareDateTime(allow_none=True)
    customer_id = ma.fields.UUID(allow_none=True)
    duplicate_of_id = ma.fields.UUID(allow_none=True)
    processed_at = ma.fields.AwareDateTime(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class LeadDetailOut(LeadOut):
    """With the advertisement it came from and what was answered in its form."""

    external_id = ma.fields.String(allow_none=True)
    campaign_id = ma.fields.String(allow_none=True)
    adset_id = ma.fields.String(allow_none=True)
    adset_name = ma.fields.String(allow_none=True)
    ad_id = ma.fields.String(allow_none=True)
    ad_name = ma.fields.String(allow_none=True)
    form_id = ma.fields.String(allow_none=True)
    form_name = ma.fields.String(allow_none=True)
    responses = ma.fields.Function(
        lambda lead: mask(lead.responses) if lead.responses else {},
        metadata={"type": "object", "additionalProperties": {"type": "string"}},
    )


class Cards(Schema):
    total = ma.fields.Integer()
    pending = ma.fields.Integer()
    processed = ma.fields.Integer()
    failed = ma.fields.Integer()
    duplicates = ma.fields.Integer()


class StatsOut(Cards):
    """The cards above the list, and the same for leads that came unpaid and paid."""

    organic = ma.fields.Nested(Cards)
    paid = ma.fields.Nested(Cards)
