"""Orders, payouts and the queue of Loan Ops over the wire."""

import marshmallow as ma
from flask_smorest.fields import Upload

from app.core.http import Money, PageArgs, Schema
from app.core.personal import MaskedVpa
from app.disbursement.bank_files import FILES, FORMATS, OUTCOMES
from app.disbursement.orders import RAILS
from app.disbursement.queue import STAGES
from app.disbursement.states import ORDER, PAYOUT

CHANNELS = ("ONLINE", "OFFLINE")
_remark = ma.validate.Length(min=1, max=500)


class DisbursalProposeIn(Schema):
    rail = ma.fields.String(load_default="IMPS", validate=ma.validate.OneOf(list(RAILS)))
    channel = ma.fields.String(
        load_default="ONLINE",
        validate=ma.validate.OneOf(CHANNELS),
        metadata={"description": "ONLINE through the brand's gateway; OFFLINE in a file for the bank portal"},
    )
    bank_account_id = ma.fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "the newest verified one, if not said"}
    )
    remark = ma.fields.String(load_default=None, allow_none=True, validate=_remark)


class OrderRejectIn(Schema):
    reason = ma.fields.String(required=True, validate=_remark)


class DisbursalOrderOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": ORDER.states})
    rail = ma.fields.String(metadata={"enum": list(RAILS)})
    channel = ma.fields.String(metadata={"enum": list(CHANNELS)})
    bank_account_id = ma.fields.UUID()
    vpa_id = ma.fields.UUID(allow_none=True)
    proposed_by = ma.fields.String()
    remark = ma.fields.String(allow_none=True)
    decided_by = ma.fields.String(allow_none=True)
    decided_at = ma.fields.AwareDateTime(allow_none=True)
    reason = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class PayoutOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    attempt = ma.fields.Integer()
    status = ma.fields.String(metadata={"enum": PAYOUT.states})
    reference = ma.fields.String()
    amount = Money()
    channel = ma.fields.String(metadata={"enum": list(CHANNELS)})
    provider = ma.fields.String()
    mode = ma.fields.String()
    utr = ma.fields.String(allow_none=True, metadata={"description": "the bank's reference"})
    failure_reason = ma.fields.String(allow_none=True)
    settled_at = ma.fields.AwareDateTime(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class ChecklistItemOut(Schema):
    name = ma.fields.String()
    sentence = ma.fields.String(metadata={"description": "what is so when it holds"})
    holds = ma.fields.Boolean()


class PayableAccountOut(Schema):
    id = ma.fields.UUID()
    account_last4 = ma.fields.String()
    ifsc = ma.fields.String()
    name_match_percent = ma.fields.Integer(allow_none=True)


class PayableUpiIdOut(Schema):
    vpa = MaskedVpa()
    name_match_percent = ma.fields.Integer(allow_none=True)


class DisbursementOut(Schema):
    """How far the payout of a loan is. `accounts` and `upiIds` are those that can be paid to, the newest first."""

    loan_id = ma.fields.UUID()
    amount = Money(allow_none=True)
    ready = ma.fields.Boolean()
    checks = ma.fields.List(ma.fields.Nested(ChecklistItemOut))
    accounts = ma.fields.List(ma.fields.Nested(PayableAccountOut))
    upi_ids = ma.fields.List(ma.fields.Nested(PayableUpiIdOut))
    orders = ma.fields.List(ma.fields.Nested(DisbursalOrderOut))
    payouts = ma.fields.List(ma.fields.Nested(PayoutOut))
    attempts_left = ma.fields.Integer()


class DisbursalQueueArgs(PageArgs):
    stage = ma.fields.String(load_default=None, validate=ma.validate.OneOf(list(STAGES)))
    channel = ma.fields.String(load_default=None, validate=ma.validate.OneOf(CHANNELS))
    search = ma.fields.String(
        load_default=None,
        validate=ma.validate.Length(min=1, max=50),
        metadata={"description": "a loan number"},
    )


class DisbursalQueueOut(Schema):
    loan_id = ma.fields.UUID()
    loan_no = ma.fields.String()
    customer_id = ma.fields.UUID()
    stage = ma.fields.String(metadata={"enum": list(STAGES)})
    waiting_since = ma.fields.AwareDateTime()
    age_days = ma.fields.Integer()
    net_disbursal = Money(allow_none=True)
    due_date = ma.fields.Date(allow_none=True)
    agreement_status = ma.fields.String()
    missing = ma.fields.List(
        ma.fields.String(), metadata={"description": "the checks that do not hold; of loans that wait here"}
    )


class StageCountOut(Schema):
    stage = ma.fields.String(metadata={"enum": list(STAGES)})
    count = ma.fields.Integer()
    amount = Money()


class CoolingOffOut(Schema):
    """`total` = `principal` + `interest` + `charges` - `feeReturned` - `gstReturned`, each as of today."""

    until = ma.fields.Date(metadata={"description": "the last day"})
    as_of = ma.fields.Date()
    principal = Money(metadata={"description": "still owed"})
    interest = Money(metadata={"description": "of the days since the money was credited"})
    charges = Money(metadata={"description": "what was charged before, as for a cheque that came back"})
    fee_returned = Money()
    gst_returned = Money()
    fee_kept = Money(metadata={"description": "with tax; part of the principal already"})
    total = Money()


class ExitOut(Schema):
    id = ma.fields.UUID()
    loan_id = ma.fields.UUID()
    status = ma.fields.String(metadata={"enum": ["CHOSEN", "DONE", "LAPSED"]})
    chosen_on = ma.fields.Date()
    principal = Money()
    interest = Money()
    charges = Money()
    fee_returned = Money()
    gst_returned = Money()
    total = Money()
    done_at = ma.fields.AwareDateTime(allow_none=True)
    created_at = ma.fields.AwareDateTime()


class ExitChosenOut(ExitOut):
    short_url = ma.fields.URL(metadata={"description": "where to pay, today"})


class CoolingOffFileOut(Schema):
    """`quote` is null where the loan cannot be given back, or no longer."""

    until = ma.fields.Date(allow_none=True)
    quote = ma.fields.Nested(CoolingOffOut, allow_none=True)
    exits = ma.fields.List(ma.fields.Nested(ExitOut))


class BatchOut(Schema):
    id = ma.fields.UUID()
    batch_no = ma.fields.String()
    payout_count = ma.fields.Integer()
    amount = Money()
    made_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()


class BatchFileArgs(Schema):
    kind = ma.fields.String(load_default="PAYOUT", validate=ma.validate.OneOf(list(FILES)))
    format = ma.fields.String(load_default="XLSX", validate=ma.validate.OneOf(list(FORMATS)))


class BankFileIn(Schema):
    file = Upload(required=True)


class BankFileOut(Schema):
    id = ma.fields.UUID()
    name = ma.fields.String()
    status = ma.fields.String(metadata={"enum": ["READING", "READ"]})
    row_count = ma.fields.Integer()
    uploaded_by = ma.fields.String()
    created_at = ma.fields.AwareDateTime()


class BankFileRowOut(Schema):
    """A row of a bank file. `reason` says why an EXCEPTION is one."""

    id = ma.fields.UUID()
    bank_file_id = ma.fields.UUID()
    line_no = ma.fields.Integer()
    reference = ma.fields.String(allow_none=True)
    amount = Money(allow_none=True)
    account_last4 = ma.fields.String(allow_none=True)
    bank_status = ma.fields.String(allow_none=True)
    utr = ma.fields.String(allow_none=True)
    paid_on = ma.fields.Date(allow_none=True)
    payout_id = ma.fields.UUID(allow_none=True)
    outcome = ma.fields.String(metadata={"enum": list(OUTCOMES)})
    reason = ma.fields.String(allow_none=True)
    resolution = ma.fields.String(allow_none=True)
    resolved_by = ma.fields.String(allow_none=True)
    resolved_at = ma.fields.AwareDateTime(allow_none=True)


class BankFileReportOut(BankFileOut):
    rows = ma.fields.List(ma.fields.Nested(BankFileRowOut))


class ExceptionArgs(PageArgs):
    resolved = ma.fields.Boolean(load_default=False)


class ResolveIn(Schema):
    resolution = ma.fields.String(required=True, validate=_remark)
