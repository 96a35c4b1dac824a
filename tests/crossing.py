"""Two brands that are equally far along: each with a customer, a loan and everything that hangs on them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from app.calls.models import UserCall, UserCallRecording
from app.collections.models import Concession, FieldVisit, LegalNotice, PromiseToPay, SkipTrace, Suit
from app.core import webhooks
from app.core.clock import now, today
from app.core.database import brand_scope
from app.core.identity import Role
from app.core.ids import new_id
from app.demo.client import CustomerApp, Portal
from app.disbursement.models import PayoutBatch
from app.messaging.models import PartnerNotification
from app.messaging.staff import portal
from app.payments.models import (
    ManualPayment,
    PaymentCollectionTransaction,
    PaymentReversal,
    PresentationFile,
    ReconciliationException,
    SuspenseItem,
)
from app.policies.models import PolicyExperiment
from app.sanction.models import LoanOffer
from tests.lending import at_work
from tests.platform import BRAND, OTHER_BRAND, TEXT_VERSION, Platform
from tests.stages import Stages

STATEMENT = b"Date,Narration,Debit,Credit,Balance\n01/01/2026,SALARY ACME,,50000.00,50000.00\n"
LEADS = b"phone_number,full_name\n9812345670,Asha Rao\n"


@dataclass(frozen=True)
class Side:
    """One of the two brands. `ids`: a real id of each kind, by the name that endpoints give it."""

    brand_id: str
    app: CustomerApp
    staff: Portal
    ids: dict[str, str]


def both(platform: Platform) -> tuple[Side, Side]:
    """The two brands, each with a loan that was taken through every stage."""
    return _side(platform, BRAND), _side(platform, OTHER_BRAND)


def _side(platform: Platform, brand_id: str) -> Side:
    stages = Stages(platform, brand_id=brand_id).closed()
    staff = platform.staff(Role.SUPER_ADMIN, brand_id)
    return Side(brand_id, stages.app, staff, _ids(platform, stages, staff))


def _ids(platform: Platform, stages: Stages, staff: Portal) -> dict[str, str]:
    """Kinds are (camelCase) names of path, query and body; a name that means two things tells its path as well."""
    loan = f"/loans/{stages.id}"
    version = _draft(staff)
    run = staff.get("/report/master-report?fromDate=2026-01-01&toDate=2026-01-31", expect=202)
    backtest = staff.post(f"/policies/versions/{version}/backtest", expect=202, json={})
    statement_id = _statement(stages, staff)
    file = {"file": ("leads.csv", LEADS, "text/csv")}
    staff.post("/lead-forms/upload", expect=202, files=file)
    platform.drain()
    lead = staff.get("/lead-forms")["items"][0]
    disbursement = staff.get(f"{loan}/disbursement")
    return {
        "loanId": stages.id,
        "customerId": stages.loan["customerId"],
        "userId": stages.loan["customerId"],
        "documentId": staff.get(f"{loan}/documents")[0]["id"],
        "statementId": statement_id,
        "requestId": staff.get(f"/aa/consent-requests?loanId={stages.id}")["items"][0]["id"],
        "decisionId": staff.get(f"{loan}/decisions")[0]["id"],
        "versionId": version,
        "experimentId": _experiment(staff.brand_id, version),
        "policies/backtests runId": backtest["id"],
        "runId": run["runId"],
        "scheduleId": _schedule(staff),
        "recipientIds": staff.user["id"],
        "settingsId": staff.call("GET", "/settings/brand/versions")["items"][0]["id"],
        "callId": staff.get("/providers/calls")["items"][0]["id"],
        "acefone/dialer callId": _call(stages, staff),
        "partnerUserId": staff.user["id"],
        "reminderId": _reminder(stages, staff),
        "campaignId": _campaign(staff),
        "sessionId": stages.app.get("/web/auth/sessions")[0]["id"],
        "leadId": lead["id"],
        "leadIds": lead["id"],
        "ids": lead["id"],
        "lead-forms runId": lead["runId"],
        "affiliateId": _affiliate(staff),
        "spendId": _spend(staff),
        "clickId": _click(stages),
        "privacy/requests requestId": _complaint(stages),
        "holdId": _hold(staff, stages),
        "breachId": _breach(staff),
        "customerIds": stages.loan["customerId"],
        "offerId": _offer(staff.brand_id, stages.id),
        "entityId": stages.id,
        "actorId": staff.user["id"],
        "allotmentId": staff.get(f"{loan}/allotments")[0]["id"],
        "subjectIds": stages.id,
        "executiveId": staff.user["id"],
        "viewId": _view(staff),
        "noContactId": _no_contact(staff, stages),
        **_collection_ids(staff, stages),
        "from": staff.user["id"],
        "messageId": staff.get("/messages")["items"][0]["id"],
        "messageIds": staff.get("/messages")["items"][0]["id"],
        "mailId": _mail(staff),
        "templateId": _template(staff),
        "notificationId": _notification(staff),
        "referenceId": _reference(stages, staff),
        "orderId": disbursement["orders"][0]["id"],
        "bankAccountId": disbursement["accounts"][0]["id"],
        **_bank_ids(platform, staff),
        "refusedId": _refused(staff),
        **_payment_ids(staff.brand_id, stages.id),
    }


def _refused(staff: Portal) -> str:
    about = "razorpay", f"payment:{uuid4()}", "{}", "OTHER_CURRENCY", "expected INR, got USD"
    with at_work(staff.brand_id):
        webhooks.refuse_answer(*about)
    return staff.get("/refused-events")["items"][0]["id"]


def _bank_ids(platform: Platform, staff: Portal) -> dict[str, str]:
    """A batch that went to the bank, and a file of the bank with a row that fits nothing."""
    with brand_scope(staff.brand_id):
        batch = PayoutBatch.create(
            batch_no=f"B-{uuid4().hex[:8]}", made_by="nobody", payout_count=1, amount=1
        )
    told = f"reference,amount,account,status\n{uuid4()},1.00,12345678,paid\n".encode()
    sent = staff.post("/bank-files", expect=202, files={"file": ("bank.csv", told)})
    platform.drain()
    rows = staff.get(f"/bank-files/{sent['id']}")["rows"]
    debits = {"file": ("debits.csv", f"reference,status\n{uuid4()},paid\n".encode())}
    response = staff.post("/presentation-responses", expect=202, files=debits)
    return {
        "batchId": str(batch.id),
        "bankFileId": sent["id"],
        "rowId": rows[0]["id"],
        "responseId": response["id"],
    }


def _template(staff: Portal) -> str:
    told = {
        "code": f"x{uuid4().hex[:12]}",
        "channel": "WHATSAPP",
        "kind": "DUES",
        "body": "Due",
        "remark": "To cross with",
    }
    return staff.post("/message-templates", expect=201, json=told)["id"]


def _notification(staff: Portal) -> str:
    with brand_scope(staff.brand_id):
        row = portal.put(UUID(staff.user["id"]), "work_given", "To cross with", "Nothing")
    return str(row.id)


def _mail(staff: Portal) -> str:
    with brand_scope(staff.brand_id):
        row = PartnerNotification.create(
            partner_user_id=UUID(staff.user["id"]), event="work_given", status="FAILED", body={}
        )
    return str(row.id)


def _reminder(stages: Stages, staff: Portal) -> str:
    told = {
        "userId": stages.loan["customerId"],
        "loanId": stages.id,
        "channel": "SMS",
        "templateCode": "due_reminder",
        "scheduledAt": (now() + timedelta(days=9)).isoformat(),
    }
    return staff.post("/user-reminders", expect=201, json=told)["id"]


def _campaign(staff: Portal) -> str:
    told = {
        "name": "To cross with",
        "stage": "OVERDUE",
        "channel": "SMS",
        "templateCode": "due_reminder",
        "perMinute": 1,
    }
    return staff.post("/campaigns", expect=201, json=told)["id"]


def _call(stages: Stages, staff: Portal) -> str:
    with brand_scope(staff.brand_id):
        call = UserCall.create(
            customer_id=UUID(stages.loan["customerId"]), partner_user_id=UUID(staff.user["id"]), extension="1",
            status="ANSWERED",
        )  # fmt: skip
        UserCallRecording.create(user_call_id=call.id, status="MISSING")
    return str(call.id)


def _payment_ids(brand_id: str, loan_id: str) -> dict[str, str]:
    """A payment to check, one in suspense, and one that the gateway settled and we do not know."""
    key, day = uuid4().hex, today()
    with brand_scope(brand_id):
        told = {"amount": 1, "reference": key, "received_on": day}
        manual = ManualPayment.create(
            loan_id=loan_id, status="PENDING", method="CASH", submitted_by="nobody", **told
        )
        item = SuspenseItem.create(
            kind="UNKNOWN",
            status="OPEN",
            provider="manual",
            provider_payment_id=key,
            payment_amount=1,
            received_at=now(),
            **told,
        )
        found = {"kind": "NOT_BOOKED", "status": "OPEN", "settled_amount": 1}
        transaction = PaymentCollectionTransaction.create(
            loan_id=loan_id,
            provider="manual",
            provider_payment_id=str(uuid4()),
            status="SUCCESS",
            received_at=now(),
            **told,
        )
        reversal = PaymentReversal.create(
            loan_id=loan_id,
            transaction_id=transaction.id,
            kind="RETURNED",
            status="PROPOSED",
            amount=1,
            reason="x",
            proposed_by="nobody",
        )
        exception = ReconciliationException.create(
            provider="razorpay", day=day, provider_payment_id=key, **found
        )
        file = PresentationFile.create(
            present_on=day, format="NACH", version=1, status="REPLACED", row_count=0, amount=0, sha256=key, name=key,
            made_at=now(),
        )  # fmt: skip
    return {
        "manualPaymentId": str(manual.id),
        "suspenseId": str(item.id),
        "exceptionId": str(exception.id),
        "transactionId": str(transaction.id),
        "reversalId": str(reversal.id),
        "presentationFileId": str(file.id),
    }


def _reference(stages: Stages, staff: Portal) -> str:
    named = {"name": "Ravi Rao", "relation": "FRIEND", "phone": "9812340000"}
    stages.app.put("/web/profile/references", json={"references": [named]})
    return staff.get(f"/customers/{stages.loan['customerId']}/references")[0]["id"]


def _breach(staff: Portal) -> str:
    at = (now() - timedelta(hours=1)).isoformat()
    told = {"dataClasses": ["identity"], "occurredAt": at, "awareAt": at}
    return staff.post("/privacy/breaches", expect=201, json=told)["id"]


def _complaint(stages: Stages) -> str:
    told = {"kind": "GRIEVANCE", "text": "To cross with"}
    return stages.app.post("/web/privacy/requests", expect=201, json=told)["id"]


def _schedule(staff: Portal) -> str:
    known = [
        one for one in staff.get("/report-schedules")["items"] if one["partnerUserId"] == staff.user["id"]
    ]
    if known:
        return known[0]["id"]
    return staff.post("/report-schedules", expect=201, json={"reportType": "master-report"})["id"]


def _view(staff: Portal) -> str:
    told = {"name": f"To cross with {uuid4().hex[:8]}", "stage": "APPLIED"}
    return staff.post("/views", expect=201, json=told)["id"]


def _no_contact(staff: Portal, stages: Stages) -> str:
    told = {"channels": ["EMAIL"], "reason": "CUSTOMER_ASKED", "remark": "To cross with"}
    return staff.post(f"/customers/{stages.loan['customerId']}/no-contact", expect=201, json=told)["id"]


def _collection_ids(staff: Portal, stages: Stages) -> dict[str, str]:
    """The loan is closed: what hangs on an open one is made beside the service."""
    loan = f"/loans/{stages.id}"
    complaint = {"category": "OTHER", "text": "To cross with"}
    owned = {"loan_id": UUID(stages.id), "customer_id": UUID(stages.loan["customerId"])}
    document = staff.get(f"{loan}/documents")[0]
    with brand_scope(staff.brand_id):
        promise = PromiseToPay.create(
            **owned,
            status="CANCELLED",
            amount=1,
            due_on=today(),
            mode="UPI",
            made_by="nobody",
            made_on=today(),
        )
        concession = Concession.create(
            **owned, kind="WAIVER", status="REJECTED", waived={}, total_due=1, days_past_due=0, authority="NOBODY",
            ruleset_hash="none", reason="To cross with", proposed_by="nobody",
        )  # fmt: skip
        visit = FieldVisit.create(
            **owned, status="CANCELLED", visit_type="OFFICE", reason="To cross with", requested_by="nobody"
        )
        notice = LegalNotice.create(
            **owned, status="WITHDRAWN", document_id=document["id"], number="none",
            total_due=1, days_past_due=0, pay_by=today(), made_by="nobody",
        )  # fmt: skip
        trace = SkipTrace.create(
            **owned, kind="PHONE", value="9876500000", source="BUREAU", found_by="nobody"
        )
        suit = Suit.create(
            **owned,
            status="VOID",
            court="none",
            case_number="none",
            filed_on=today(),
            ended_on=today(),
            told_by="nobody",
        )
    return {
        "traceId": str(trace.id),
        "visitId": str(visit.id),
        "complaintId": staff.post(f"{loan}/complaints", expect=201, json=complaint)["id"],
        "promiseId": str(promise.id),
        "concessionId": str(concession.id),
        "legalNoticeId": str(notice.id),
        "suitId": str(suit.id),
        "aboutUserId": staff.user["id"],
    }


def _hold(staff: Portal, stages: Stages) -> str:
    told = {"customerId": stages.loan["customerId"], "reason": "To cross with"}
    return staff.post("/privacy/holds", expect=201, json=told)["id"]


def _affiliate(staff: Portal) -> str:
    told = {
        "code": f"x{uuid4().hex[:12]}",
        "name": "To cross with",
        "payoutModel": "CPA",
        "payoutRate": "500.00",
    }
    return staff.post("/affiliates", expect=201, json=told)["id"]


def _spend(staff: Portal) -> str:
    told = {"day": f"{today()}", "source": "x", "campaign": uuid4().hex, "amount": "1.00"}
    return staff.post("/marketing-spend", json=told)["id"]


def _click(stages: Stages) -> str:
    headers = {"X-Brand-Id": stages.app.brand_id}
    return stages.app.api.call("POST", "/web/clicks", expect=201, headers=headers, json={})["clickId"]


def _draft(staff: Portal) -> str:
    description = f"ruleset: waiver\nbrand: {staff.brand_id}\nextends: base/waiver\ndescription: A draft\n"
    body = {"files": {f"brands/{staff.brand_id}/waiver.yaml": description}, "remark": "A draft"}
    return staff.post("/policies/waiver/versions", expect=201, json=body)["id"]


def _experiment(brand_id: str, version_id: str) -> str:
    with brand_scope(brand_id):
        experiment = PolicyExperiment.create(
            ruleset="waiver", version_id=UUID(version_id), mode="SHADOW", share_percent=0,
            status="PROPOSED", remark="To cross with", maker="nobody",
        )  # fmt: skip
    return str(experiment.id)


def _offer(brand_id: str, loan_id: str) -> str:
    with brand_scope(brand_id):
        offer = LoanOffer.create(
            loan_id=UUID(loan_id), cam_id=new_id(), status="DECLINED", amount=10000, tenure_days=24, terms={},
            key_facts=[], proposed_by="nobody", remark="To cross with", valid_until=today(),
        )  # fmt: skip
    return str(offer.id)


def _statement(stages: Stages, staff: Portal) -> str:
    """Of a loan that is applied for: the one that is closed takes no more."""
    applied: dict[str, Any] = stages.app.post(
        "/web/loans",
        once=True,
        expect=201,
        json={"amount": "20000.00", "tenureDays": 24, "purpose": "MEDICAL"},
    )
    stages.app.post("/web/consents", expect=201, json={"purpose": "BSA", "textVersion": TEXT_VERSION})
    file = {"file": ("statement.csv", STATEMENT, "text/csv")}
    sent = staff.post(f"/loans/{applied['id']}/statements", expect=202, files=file)
    return sent["id"]
