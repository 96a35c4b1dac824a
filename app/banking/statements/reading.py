"""A statement read by a worker: opened in a bounded process, checked against the customer, then analysed.

The job opens a scope for each step, so that its progress is seen; it may run twice at any point.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import structlog

from app.banking import analysis, vault
from app.banking.models import BankAccountStatement, BdaReport
from app.banking.states import (
    DUPLICATE,
    FAILED,
    NOT_A_STATEMENT,
    OTHER_PERSON,
    PERIOD_TOO_SHORT,
    QUEUED,
    READING,
    READY,
    SCANNED,
    STATEMENT,
    UNREADABLE_ROWS,
    UNSUPPORTED,
    WRONG_ACCOUNT,
)
from app.brands import service as brands
from app.core import clock
from app.core.database import brand_scope
from app.core.ids import new_id
from app.core.outbox import enqueue
from app.customers import service as customers
from app.kyc import service as kyc
from app.loans import service as loans
from pipelines import AccountEvidence
from pipelines.statements import (
    Account,
    Statement,
    StatementProblem,
    check,
    evidence,
    from_json,
    named,
    password_candidates,
    read_bounded,
    to_json,
    with_entries,
)

log = structlog.get_logger()

SOURCE = "STATEMENT"
OWN, JSON = "own", "json"
# How far a statement is, in percent, when a stage begins.
STAGES = {"opening": 10, "asking": 40, "checking": 60, "analysing": 75}
ASKING = "asking"
# What another reader may make sense of.
ASKED_AFTER = (SCANNED, UNSUPPORTED, NOT_A_STATEMENT, UNREADABLE_ROWS)
NAME_MATCH_MIN_PERCENT = 60
DONE = {"stage": None, "progress_percent": 100, "password": None}


def run(brand_id: str, statement_id: UUID | str) -> None:
    """Read a statement to its end, whatever that is; a failure of ours ends it as FAILED."""
    begun = _begin(brand_id, statement_id)
    if begun is None:
        return
    try:
        _read(brand_id, statement_id, *begun)
    except StatementProblem as problem:
        _unread(brand_id, statement_id, problem, begun[1])
    except (
        Exception
    ):  # a fault of the reader, or of ours: whatever it was, whoever waits for the statement is told
        log.exception("statement not read", statement=str(statement_id))
        _end(brand_id, statement_id, FAILED, "Something went wrong on our side. Send the file again.")


def _begin(brand_id: str, statement_id: UUID | str) -> tuple[bytes, list[str], bool] | None:
    """The file, the passwords to try, whether the customer gave one; None when it was read already."""
    with brand_scope(brand_id):
        statement = BankAccountStatement.find(statement_id).locked()
        if statement.status not in (QUEUED, READING) or statement.stage == ASKING:
            return None
        if statement.status == QUEUED:
            statement = STATEMENT.move(statement, READING)
        statement.change(stage="opening", progress_percent=STAGES["opening"])
        given = [statement.password] if statement.password else []
        known = password_candidates(_known(customers.get(statement.customer_id)))
        return vault.get_bytes(statement.s3_key), [*given, *known], bool(given)


def _known(customer: customers.Customer) -> dict[str, str | date | None]:
    """What banks make passwords of."""
    account = kyc.verified_account(customer.id)
    letters = "".join(letter for letter in customer.name or "" if letter.isalpha())
    return {
        "pan": customer.pan,
        "phone": customer.phone,
        "dob": customer.dob,
        "name": letters,
        "account_last4": account.account_last4 if account else None,
    }


def _read(brand_id: str, statement_id: UUID | str, data: bytes, passwords: list[str], given: bool) -> None:
    found = read_bounded(data, passwords, given=given)
    with brand_scope(brand_id):
        statement = BankAccountStatement.find(statement_id)
        opened_with = None if found.opened_with is None else passwords[found.opened_with]
        statement.change(stage="checking", progress_percent=STAGES["checking"], **_facts(found))
        check(found)
        _check_customer(statement, found)
        statement.change(stage="analysing", progress_percent=STAGES["analysing"])
    with brand_scope(brand_id):
        _conclude(BankAccountStatement.find(statement_id).locked(), found, opened_with)


def _facts(found: Statement) -> dict[str, Any]:
    """What is shown of a statement, for one account or the first of several."""
    account = found.accounts[0]
    facts, names = account.facts, named(a.facts for a in found.accounts)
    days = [day for one in found.accounts for day in one.period]
    return {
        "bank": facts.bank,
        "account_number": facts.masked_number or None,
        "ifsc": facts.ifsc,
        "holder_name": names[0] if names else None,
        "currency": facts.currency,
        "period_from": min(days),
        "period_to": max(days),
        "transaction_count": sum(len(one.entries) for one in found.accounts),
        "opening_balance": account.opening,
        "closing_balance": account.closing,
        "warnings": list(dict.fromkeys(warning for one in found.accounts for warning in one.warnings)),
    }


# --- is it this customer's, and enough of it --------------------------------------------------------------


def _check_customer(statement: BankAccountStatement, found: Statement) -> None:
    """Raises StatementProblem at the first reason not to use the statement for this customer."""
    for status, reason in _objections(statement, found):
        raise StatementProblem(status, reason)


def _objections(statement: BankAccountStatement, found: Statement) -> Iterator[tuple[str, str]]:
    if _sent_by_another(statement):
        yield DUPLICATE, "The same file was sent for another customer."
    customer = customers.get(statement.customer_id)
    names = named(account.facts for account in found.accounts)
    best = (
        max((kyc.match_percent(customer.name, name) for name in names), default=None)
        if customer.name
        else None
    )
    if best is not None and best < NAME_MATCH_MIN_PERCENT:
        yield OTHER_PERSON, f"The statement is another person's: its holder and the PAN match {best} %."
    yield from _account_objections(statement, found.accounts)
    least = brands.settings()["loan_rules"]["statement_days_min"]
    days = (statement.period_to - statement.period_from).days + 1
    if days < least:
        yield PERIOD_TOO_SHORT, f"The statement covers {days} days; at least {least} are needed."


def _sent_by_another(statement: BankAccountStatement) -> bool:
    same, other = BankAccountStatement.sha256 == statement.sha256, BankAccountStatement.id < statement.id
    others = BankAccountStatement.customer_id != statement.customer_id
    return BankAccountStatement.select().where(same, other, others).exists()


def _account_objections(
    statement: BankAccountStatement, accounts: list[Account]
) -> Iterator[tuple[str, str]]:
    """The account that salary is proven on and money is paid to must be among those of the statement."""
    account = kyc.verified_account(statement.customer_id)
    stated = [one.facts.last4 for one in accounts if one.facts.last4]
    if account and stated and account.account_last4 not in stated:
        reason = f"The statement is of account XXXX{stated[0]}, the verified one ends with {account.account_last4}."
        yield WRONG_ACCOUNT, reason


# --- what follows -----------------------------------------------------------------------------------------


def _conclude(statement: BankAccountStatement, found: Statement, opened_with: str | None) -> None:
    """Keep what was read, analyse it with the loan's other statements, hand the file to the brand's analyser."""
    if statement.status != READING:
        return
    content_key = vault.key_of("statements", f"{statement.id}.content.enc")
    vault.put(content_key, to_json(found))
    others = _others(statement)
    report = BdaReport.create(
        id=new_id(),
        customer_id=statement.customer_id,
        loan_id=statement.loan_id,
        source=SOURCE,
        status="PROCESSING",
        raw_key=content_key,
        delete_after=min(one.delete_after for one in (statement, *others)),
    )
    read_before = [one for other in others for one in _evidence(_content(other), other.id)]
    analysis.conclude(report, [*read_before, *_evidence(found, statement.id)])
    STATEMENT.move(statement, READY, content_key=content_key, report_id=report.id, **DONE)
    if _may_ask(statement):
        _ask(statement, opened_with)


def _may_ask(statement: BankAccountStatement) -> bool:
    """Analysers are asked once, and read statements, not reports of statements."""
    asked = statement.analyser_status is not None
    return statement.analyser != OWN and statement.file_type != JSON and not asked


def _ask(statement: BankAccountStatement, password: str | None) -> None:
    statement.change(analyser_status="QUEUED", analyser_asked_at=clock.now(), password=password)
    enqueue("banking.submit_statement", statement_id=statement.id)


def _others(statement: BankAccountStatement) -> list[BankAccountStatement]:
    """The loan's statements that were read before, oldest first."""
    read = BankAccountStatement.select().where(
        BankAccountStatement.loan_id == statement.loan_id, BankAccountStatement.status == READY
    )
    return list(read.order_by(BankAccountStatement.period_from, BankAccountStatement.id))


def _content(statement: BankAccountStatement) -> Statement:
    return from_json(vault.get(statement.content_key))


def _evidence(found: Statement, statement_id: UUID) -> list[AccountEvidence]:
    return evidence(found, prefix=f"{statement_id.hex[-6:]}-")


def _unread(brand_id: str, statement_id: UUID | str, problem: StatementProblem, passwords: list[str]) -> None:
    """Our reader came to nothing: the brand's analyser is asked where that may help, else it ends here."""
    with brand_scope(brand_id):
        statement = BankAccountStatement.find(statement_id).locked()
        if problem.status not in ASKED_AFTER or not _may_ask(statement) or statement.status != READING:
            _refuse(statement, problem)
            return
        opened_with = None if problem.opened_with is None else passwords[problem.opened_with]
        told = {"own_status": problem.status, "reason": problem.reason, "rows": _plain_rows(problem)}
        statement.change(stage=ASKING, progress_percent=STAGES[ASKING], **told)
        _ask(statement, opened_with)


def stand_in(statement: BankAccountStatement, found: Statement) -> None:
    """Take the analyser's transactions for those that our reader could not read, under the same checks."""
    statement.change(read_by=statement.analyser, reason=None, rows=[])
    try:
        found = replace(found, accounts=with_entries(found.accounts))
        statement.change(stage="analysing", progress_percent=STAGES["analysing"], **_facts(found))
        check(found)
        _check_customer(statement, found)
    except StatementProblem as problem:
        _refuse(statement, problem)
    else:
        _conclude(statement, found, None)


def without_help(statement: BankAccountStatement, note: str) -> None:
    """What our reader came to stands where the analyser was asked in vain; `note` says why."""
    if statement.stage == ASKING:
        reason = f"{statement.reason} {note}"
        STATEMENT.move(statement, statement.own_status, remark=reason, reason=reason, **DONE)


def _refuse(statement: BankAccountStatement, problem: StatementProblem) -> None:
    _move(statement, problem.status, problem.reason, _plain_rows(problem))


def _plain_rows(problem: StatementProblem) -> list[dict[str, Any]]:
    return [row.plain() for row in problem.rows]


def _end(brand_id: str, statement_id: UUID | str, status: str, reason: str) -> None:
    with brand_scope(brand_id):
        _move(BankAccountStatement.find(statement_id).locked(), status, reason, [])


def _move(statement: BankAccountStatement, status: str, reason: str, rows: list[dict[str, Any]]) -> None:
    if statement.status == READING:
        STATEMENT.move(statement, status, remark=reason, reason=reason, rows=rows, **DONE)
        loans.evidence_came(statement.customer_id)
