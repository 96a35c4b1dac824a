"""The sections of a loan's and a customer's file, as a table: which domain gives each, to whom, and its shape."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.allocation import service as allocation
from app.allocation.schemas import AllotmentOut
from app.audit import service as audits
from app.audit.schemas import AuditEventOut
from app.banking import service as banking
from app.banking.schemas import StaffStatementOut
from app.banking.statements import service as statements
from app.bureau import service as bureau
from app.calls import service as calls
from app.calls.schemas import UserCallOut
from app.cam import service as cams
from app.cam.schemas import CamOut
from app.consents import service as consents
from app.consents.schemas import ConsentOut
from app.core import clock
from app.core.database import current_brand
from app.core.http import Schema
from app.credit import service as credit
from app.credit.schemas import DecisionOut
from app.customers import service as customers
from app.customers.schemas import StaffCustomerOut
from app.dashboards.rows import BureauHeadOut, FileMessageOut, StandingOut
from app.disbursement import service as disbursement
from app.disbursement.schemas import PayoutOut
from app.documents import loan_file
from app.documents import service as documents
from app.documents.schemas import DocumentOut
from app.esign import service as esign
from app.esign.schemas import AgreementOut
from app.kyc import attempts, bank_accounts, employments
from app.kyc import service as kyc
from app.kyc.schemas import AttemptOut, EmploymentOut, OnboardingOut, StaffBankAccountOut
from app.ledger import lines
from app.ledger import service as ledger
from app.ledger.schemas import LoanLedgerEntryOut, OutstandingOut
from app.loans import service as loans
from app.loans.schemas import LoanOut, LoanStepOut
from app.messaging import service as messaging
from app.payments import service as payments
from app.payments.schemas import PaymentRequestOut, TransactionOut
from app.staff.permissions import Permission

NEWEST = 10


@dataclass(frozen=True)
class Subject:
    """Whose file it is: a customer's, or that of one of their loans."""

    customer_id: UUID
    loan: loans.Loan | None = None

    @property
    def loan_id(self) -> UUID:
        return self.loan.id

    @property
    def path(self) -> str:
        """Where the file is."""
        of = f"loans/{self.loan.id}" if self.loan else f"customers/{self.customer_id}"
        return f"/partner/brand/{current_brand()}/{of}/file"


@dataclass(frozen=True)
class Section:
    """A row of the table. `read` gives records newest first, or with `single` the one record that counts.

    `service` is the domain that gives it; `permission` what a reader needs to see it; `complete` adds to the
    records of one page what only makes sense for those.
    """

    name: str
    service: str
    meaning: str
    permission: Permission
    schema: type[Schema]
    read: Callable[[Subject], Any]
    single: bool = False
    newest: int = NEWEST
    complete: Callable[[list[Any]], list[Any]] = list


def _profile(subject: Subject) -> customers.Customer:
    return customers.get(subject.customer_id)


def _named(events: list[Any]) -> list[Any]:
    return audits.with_names({"items": events})["items"]


_P = Permission
# of the person, in both files
_PERSON = (
    Section(
        "kyc",
        "kyc",
        "every attempt at a check",
        _P.KYC_VIEW,
        AttemptOut,
        lambda s: attempts.of_customer(s.customer_id)[::-1],
    ),
    Section(
        "bank_accounts",
        "kyc",
        "accounts that a rupee was sent to",
        _P.KYC_VIEW,
        StaffBankAccountOut,
        lambda s: bank_accounts.of_customer(s.customer_id),
    ),
    Section(
        "employments",
        "kyc",
        "employers as EPFO has them, the present one first",
        _P.KYC_VIEW,
        EmploymentOut,
        lambda s: employments.of_customer(s.customer_id),
    ),
    Section(
        "consents",
        "consents",
        "what the customer agreed to",
        _P.KYC_VIEW,
        ConsentOut,
        lambda s: consents.of_customer(s.customer_id),
    ),
)
LOAN_FILE = (
    Section(
        "profile",
        "customers",
        "the customer, masked",
        _P.LOAN_FILE_VIEW,
        StaffCustomerOut,
        _profile,
        single=True,
    ),
    *_PERSON,
    Section(
        "documents",
        "documents",
        "files of the loan, and the customer's own",
        _P.LOAN_FILE_VIEW,
        DocumentOut,
        lambda s: loan_file.listed(s.loan)[::-1],
    ),
    Section(
        "statements",
        "banking",
        "bank statements that were sent as files",
        _P.LOAN_FILE_VIEW,
        StaffStatementOut,
        lambda s: statements.of_loan(s.loan),
    ),
    Section(
        "bank_analysis",
        "banking",
        "where the analysis of bank data stands, and its features",
        _P.LOAN_FILE_VIEW,
        StandingOut,
        lambda s: banking.standing(s.loan_id),
        single=True,
    ),
    Section(
        "bureau",
        "bureau",
        "the newest bureau report",
        _P.LOAN_FILE_VIEW,
        BureauHeadOut,
        lambda s: bureau.of_loan(s.loan_id),
        single=True,
    ),
    Section(
        "decisions",
        "credit",
        "what the rules decided, rule by rule",
        _P.LOAN_FILE_VIEW,
        DecisionOut,
        lambda s: credit.decisions(s.loan_id),
        newest=2,
    ),
    Section(
        "cam",
        "cam",
        "the credit appraisal memo, or what it could start from",
        _P.CAM_VIEW,
        CamOut,
        lambda s: cams.describe(s.loan_id),
        single=True,
    ),
    Section(
        "trail",
        "loans",
        "every step of the loan and its agreement: the sanction trail",
        _P.LOAN_FILE_VIEW,
        LoanStepOut,
        lambda s: loans.trail(s.loan_id)[::-1],
    ),
    Section(
        "allotments",
        "allocation",
        "who works and worked on the loan",
        _P.LOAN_FILE_VIEW,
        AllotmentOut,
        lambda s: allocation.history(s.loan_id)[::-1],
    ),
    Section(
        "agreement",
        "esign",
        "how far the agreement is",
        _P.LOAN_FILE_VIEW,
        AgreementOut,
        lambda s: esign.describe(s.loan),
        single=True,
    ),
    Section(
        "payouts",
        "disbursement",
        "every attempt to pay the loan out",
        _P.LEDGER_VIEW,
        PayoutOut,
        lambda s: disbursement.of_loan(s.loan_id),
    ),
    Section(
        "outstanding",
        "ledger",
        "what is owed today",
        _P.LEDGER_VIEW,
        OutstandingOut,
        lambda s: ledger.outstanding_as_of(s.loan_id, clock.today()),
        single=True,
    ),
    Section(
        "ledger",
        "ledger",
        "every entry with the running balance",
        _P.LEDGER_VIEW,
        LoanLedgerEntryOut,
        lambda s: lines.of_loan(s.loan_id)[::-1],
    ),
    Section(
        "payment_requests",
        "payments",
        "pages to pay on",
        _P.LEDGER_VIEW,
        PaymentRequestOut,
        lambda s: payments.requests_of(s.loan_id),
    ),
    Section(
        "payments",
        "payments",
        "what came in",
        _P.LEDGER_VIEW,
        TransactionOut,
        lambda s: payments.transactions_of(s.loan_id),
    ),
    Section(
        "messages",
        "messaging",
        "what the customer was told, texts masked",
        _P.LOAN_FILE_VIEW,
        FileMessageOut,
        lambda s: messaging.told(s.customer_id, s.loan_id),
    ),
    Section(
        "calls",
        "calls",
        "calls to the customer about the loan or about none",
        _P.CALLS,
        UserCallOut,
        lambda s: calls.of_loan(s.loan_id),
        complete=calls.described,
    ),
    Section(
        "audit",
        "audit",
        "what was done to the loan; who looked at it is in the audit trail",
        _P.AUDIT_VIEW,
        AuditEventOut,
        lambda s: audits.changes_of(s.loan_id),
        complete=_named,
    ),
)
CUSTOMER_FILE = (
    Section(
        "profile",
        "customers",
        "the customer, masked",
        _P.CUSTOMERS_VIEW,
        StaffCustomerOut,
        _profile,
        single=True,
    ),
    *_PERSON,
    Section(
        "documents",
        "documents",
        "every file of the customer",
        _P.KYC_VIEW,
        DocumentOut,
        lambda s: documents.of_customer(s.customer_id)[::-1],
    ),
    Section(
        "onboarding",
        "kyc",
        "how far the customer has come, step by step",
        _P.CUSTOMERS_VIEW,
        OnboardingOut,
        lambda s: kyc.onboarding(s.customer_id),
        single=True,
    ),
    Section(
        "allotments",
        "allocation",
        "who looked after the customer, and who worked on their loans",
        _P.CUSTOMERS_VIEW,
        AllotmentOut,
        lambda s: allocation.history_of_customer(s.customer_id)[::-1],
    ),
    Section(
        "loans",
        "loans",
        "every application and loan",
        _P.LOANS_VIEW,
        LoanOut,
        lambda s: loans.of_customer(s.customer_id),
    ),
    Section(
        "messages",
        "messaging",
        "what the customer was told, texts masked",
        _P.CUSTOMERS_VIEW,
        FileMessageOut,
        lambda s: messaging.told(s.customer_id),
    ),
    Section(
        "calls",
        "calls",
        "calls to the customer",
        _P.CALLS,
        UserCallOut,
        lambda s: calls.of_customer(s.customer_id),
        complete=calls.described,
    ),
    Section(
        "audit",
        "audit",
        "what was done to the customer's data; who looked at it is in the audit trail",
        _P.AUDIT_VIEW,
        AuditEventOut,
        lambda s: audits.changes_about(s.customer_id),
        complete=_named,
    ),
)
