"""Debits of mandates and their files over the wire."""

from datetime import date

import marshmallow as ma
from flask_smorest.fields import Upload

from app.core.http import Money, PageArgs, Schema
from app.payments.presentations.files import FORMATS
from app.payments.presentations.reading import PAID, UNPAID, WAITS
from app.payments.presentations.responses import OUTCOMES, STATES
from app.payments.presentations.service import FILE as BY_FILE
from app.payments.presentations.service import GATEWAY
from app.payments.service import AMOUNT_MIN
from app.payments.states import PRESENTATION, PRESENTATION_FILE


class PresentIn(Schema):
    present_on = ma.fields.Date(required=True, metadata={"description": "from the day after tomorrow on"})
    amount = Money(
        load_default=None,
        minimum=AMOUNT_MIN,
        metadata={
            "description": "at most so much, as after a return for a limit; all that is owed, if not said"
        },
    )


_day = ma.validate.Range(min=date(2000, 1, 1), max=date(2100, 1, 1))


class PresentationArgs(PageArgs):
    present_on = ma.fields.Date(load_default=None, allow_none=True, validate=_day)
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(PRESENTATION.states))


class PresentationFileArgs(Schema):
    present_on = ma.fields.Date(required=True, validate=_day)


class PresentationOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    attempt = ma.fields.Integer()
    status = ma.fields.String(metadata={"enum": PRESENTATION.states})
    present_on = ma.fields.Date()
    amount = Money()
    channel = ma.fields.String(
        metadata={"enum": [GATEWAY, BY_FILE], "description": "through a gateway, or in the file of the day"}
    )
    provider_payment_id = ma.fields.String(allow_none=True)
    code = ma.fields.String(allow_none=True, metadata={"description": "NACH reason of the return"})
    reason = ma.fields.String(allow_none=True)
    action = ma.fields.String(allow_none=True, metadata={"description": "what follows of the return"})
    created_at = ma.fields.AwareDateTime()


class PresentationFilesArgs(PageArgs):
    present_on = ma.fields.Date(load_default=None, allow_none=True, validate=_day)
    format = ma.fields.String(load_default=None, validate=ma.validate.OneOf(FORMATS))
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(PRESENTATION_FILE.states))


class MakeFilesIn(Schema):
    present_on = ma.fields.Date(required=True, validate=_day)


class PresentationFileOut(Schema):
    id = ma.fields.UUID()
    present_on = ma.fields.Date()
    format = ma.fields.String(metadata={"enum": list(FORMATS)})
    version = ma.fields.Integer(metadata={"description": "of the day and format; every one is kept"})
    status = ma.fields.String(metadata={"enum": PRESENTATION_FILE.states})
    name = ma.fields.String()
    row_count = ma.fields.Integer(data_key="rows", metadata={"description": "debits in it"})
    amount = Money(metadata={"description": "the sum of its debits"})
    sha256 = ma.fields.String(data_key="checksum", metadata={"description": "SHA-256 of its bytes, in hex"})
    made_at = ma.fields.AwareDateTime()
    sent_at = ma.fields.AwareDateTime(
        allow_none=True, metadata={"description": "when it was given to the bank"}
    )
    sent_by = ma.fields.String(allow_none=True)


class ResponseFileIn(Schema):
    file = Upload(required=True)


class ResponseArgs(PageArgs):
    status = ma.fields.String(load_default=None, validate=ma.validate.OneOf(STATES))


class ResponseOut(Schema):
    id = ma.fields.UUID()
    name = ma.fields.String()
    status = ma.fields.String(metadata={"enum": list(STATES)})
    row_count = ma.fields.Integer(data_key="rows")
    taken_count = ma.fields.Integer(
        data_key="taken", metadata={"description": "rows that gave a debit its outcome"}
    )
    refused_count = ma.fields.Integer(data_key="refused", metadata={"description": "rows that fit no debit"})
    uploaded_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()


class ResponseRowArgs(PageArgs):
    outcome = ma.fields.String(load_default=None, validate=ma.validate.OneOf(OUTCOMES))


class ResponseRowOut(Schema):
    line_no = ma.fields.Integer()
    reference = ma.fields.String(allow_none=True)
    bank_status = ma.fields.String(allow_none=True, metadata={"enum": [PAID, UNPAID, WAITS]})
    code = ma.fields.String(allow_none=True, metadata={"description": "NACH reason of the return"})
    amount = Money(allow_none=True)
    bank_reference = ma.fields.String(allow_none=True)
    settled_on = ma.fields.Date(allow_none=True)
    presentation_id = ma.fields.UUID(allow_none=True)
    outcome = ma.fields.String(metadata={"enum": list(OUTCOMES)})
    reason = ma.fields.String(allow_none=True, metadata={"description": "why it changed nothing"})
