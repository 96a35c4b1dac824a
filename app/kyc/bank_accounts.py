"""The customer's own bank account, proven by sending a rupee to it (penny drop)."""

from dataclasses import dataclass
from uuid import UUID

from app.brands import providers
from app.core import audit
from app.core.errors import Conflict
from app.core.names import tidy
from app.core.outbox import enqueue
from app.customers import service as customers
from app.kyc import attempts
from app.kyc.attempts import BANK_ACCOUNT, PENDING, REJECTED
from app.kyc.models import KycCheck, UserBankAccount
from app.kyc.names import match_percent
from app.providers import ProviderRejected
from app.providers.gateways import AccountValidator
from app.providers.money import PennyDrop

# Below this the credit policy takes the holder for somebody else; what is unsure above it goes to a person.
NAME_MATCH_MIN_PERCENT = 60
FIRST_POLL_S = 5
ACCOUNT_TYPES = ("SAVINGS", "CURRENT", "NRE", "NRO")
BRANCH_CHARS_MAX = 100
OTHER_HOLDER = "The bank has this account under another name. Give an account of your own."
NO_HOLDER = "The bank did not say whose account this is. Give another account."


@dataclass(frozen=True)
class Outcome:
    """What is known of an account now. PENDING while the bank has not answered."""

    status: str
    account_last4: str
    ifsc: str
    verified: bool
    name_match_percent: int | None


def add(customer_id: UUID | str, account_number: str, ifsc: str) -> Outcome:
    """Send a rupee to the account and compare its holder with the PAN.

    While the bank has not answered a job follows it up, and so does calling again. An account whose holder is
    known is not paid for again. Raises NotAccepted, Unanswered, or Conflict before the PAN is verified.
    """
    customer = customers.get(customer_id).locked()
    attempts.pan_needed(customer.id)
    account = {"account_number": account_number, "ifsc": ifsc}
    check = _asked_before(customer.id, account) or _drop(customer, account)
    if check.status == REJECTED:
        raise attempts.refused(check)
    return _outcome(check, account)


def refresh(customer: customers.Customer, reason: str) -> KycCheck:
    """Send another rupee to the account that money would go to. Raises Conflict if there is none, Unanswered."""
    known = verified(customer.id)
    if known is None:
        raise Conflict("The customer has no account that was verified.", code="NO_ACCOUNT")
    account = {"account_number": known.account_number, "ifsc": known.ifsc}
    return _drop(customer, account, refresh_reason=reason)


def _outcome(check: KycCheck, account: dict[str, str]) -> Outcome:
    known = _known(check.customer_id, account)
    match = known.name_match_percent if known else None
    return Outcome(check.status, account["account_number"][-4:], account["ifsc"], known is not None, match)


def _known(customer_id: UUID, account: dict[str, str]) -> UserBankAccount | None:
    """The account, if its bank has told its holder."""
    return UserBankAccount.get_or_none(
        UserBankAccount.customer_id == customer_id, UserBankAccount.account_hash.is_of(_text(account))
    )


def _text(account: dict[str, str]) -> str:
    return f"{account['ifsc']}{account['account_number']}"


def number_hash(account_number: str) -> str:
    """What an account is found by when nobody says its bank."""
    return UserBankAccount.number_hash.hash_of(account_number)


def is_number_hash(stored: str, account_number: str) -> bool:
    """Whether it is what `number_hash` gave for this number, under whatever key."""
    return stored in UserBankAccount.number_hash.hashes_of(account_number)


def fill_hashes(rows_max: int) -> int:
    """Give some accounts from before they were searched their hash; how many got one."""
    found = list(UserBankAccount.select().where(UserBankAccount.number_hash.is_null()).limit(rows_max))
    for account in found:
        account.change(number_hash=number_hash(account.account_number))
    return len(found)


def customers_with(account_number: str) -> list[UUID]:
    """The ids of the customers who named an account of this number."""
    same = UserBankAccount.number_hash.is_of(account_number)
    return [
        account.customer_id for account in UserBankAccount.select(UserBankAccount.customer_id).where(same)
    ]


def _asked_before(customer_id: UUID, account: dict[str, str]) -> KycCheck | None:
    """The attempt that told this account's holder, or that waits for its bank."""
    for check in reversed(attempts.of_customer(customer_id)):
        if check.kind != BANK_ACCOUNT or not _is_about(check, account) or not attempts.is_good(check):
            continue
        if check.status == PENDING:
            _ask_again(check)
        if check.status != REJECTED or _known(customer_id, account):
            return check
    return None


def _is_about(check: KycCheck, account: dict[str, str]) -> bool:
    return bool(check.result) and account.items() <= check.result.items()


def _drop(
    customer: customers.Customer, account: dict[str, str], refresh_reason: str | None = None
) -> KycCheck:
    check = attempts.begin(customer.id, BANK_ACCOUNT, refresh_reason=refresh_reason)
    drop = attempts.ask(
        check,
        lambda validator: validator.penny_drop(**account, name=customer.name, reference=str(check.id)),
    )
    check.change(result=account | {"transaction_id": drop.transaction_id})
    _conclude(check, drop)
    if check.status == PENDING:
        enqueue("kyc.settle_penny_drop", delay_s=FIRST_POLL_S, check_id=check.id)
    return check


def _validator(check: KycCheck) -> AccountValidator:
    """Who was asked first is asked to the end."""
    return providers.account_validation(check.provider)


def _ask_again(check: KycCheck) -> None:
    _conclude(
        check,
        attempts.ask_again(
            check, lambda validator: validator.penny_drop_status(check.result["transaction_id"])
        ),
    )


def settle(check_id: UUID | str) -> bool:
    """Ask what became of a penny drop that was PENDING. False while the bank has not answered."""
    check = KycCheck.find(check_id).locked()
    if check.status == PENDING:
        try:
            _conclude(check, _validator(check).penny_drop_status(check.result["transaction_id"]))
        except ProviderRejected as refusal:
            attempts.reject(check, refusal.reason)
    return check.status != PENDING


def _conclude(check: KycCheck, drop: PennyDrop) -> None:
    """Take over what the bank answered; nothing while it has not."""
    if drop.status == "FAILED":
        attempts.reject(check, drop.description or "The account could not be credited.")
    elif drop.status == "SUCCESS":
        _record(check, drop)


def _record(check: KycCheck, drop: PennyDrop) -> None:
    account = _keep(check, drop.beneficiary_name, drop.branch)
    _end_earlier(check)
    if account.verified:
        attempts.verify(check, check.result | {"rrn": drop.rrn})
    else:
        attempts.reject(check, OTHER_HOLDER if account.holder_name else NO_HOLDER)


def _keep(check: KycCheck, holder_name: str, branch: str) -> UserBankAccount:
    number, ifsc = check.result["account_number"], check.result["ifsc"]
    customer = customers.get(check.customer_id)
    match = match_percent(customer.name, holder_name) if holder_name else None
    told = {
        "holder_name": tidy(holder_name),
        "name_match_percent": match,
        "verified": match is not None and match >= NAME_MATCH_MIN_PERCENT,
    } | ({"branch": branch[:BRANCH_CHARS_MAX]} if branch else {})
    account = _known(customer.id, check.result)
    if account:
        account.change(**told)
    else:
        account = UserBankAccount.create(
            customer_id=customer.id,
            account_number=number,
            account_hash=UserBankAccount.account_hash.hash_of(_text(check.result)),
            number_hash=number_hash(number),
            account_last4=number[-4:],
            ifsc=ifsc,
            **told,
        )
    after = {"accountNumber": number, "ifsc": ifsc, "nameMatchPercent": match, "verified": account.verified}
    audit.record("bank_account.checked", "user_bank_account", account.id, after=after)
    return account


def _end_earlier(check: KycCheck) -> None:
    """What was answered for the same account before no longer counts."""
    account = {name: check.result[name] for name in ("account_number", "ifsc")}
    for earlier in attempts.of_customer(check.customer_id):
        if earlier.kind == BANK_ACCOUNT and earlier.status != PENDING and _is_about(earlier, account):
            attempts.supersede(check, earlier)


def of_customer(customer_id: UUID | str) -> list[UserBankAccount]:
    """Every account that was answered for, newest first."""
    mine = UserBankAccount.customer_id == customer_id
    return list(UserBankAccount.select().where(mine).order_by(UserBankAccount.id.desc()))


def get(customer_id: UUID | str, account_id: UUID | str) -> UserBankAccount:
    """One account of a customer, or NotFound."""
    return UserBankAccount.find(account_id, customer_id=customer_id)


def sharing(account: UserBankAccount) -> int:
    """How many other customers of the brand named the same account."""
    others = UserBankAccount.select(UserBankAccount.customer_id.distinct()).where(
        UserBankAccount.account_hash.is_of(f"{account.ifsc}{account.account_number}"),
        UserBankAccount.customer_id != account.customer_id,
    )
    return others.count()


def describe(
    customer_id: UUID | str, *, ifsc: str, masked_number: str, account_type: str, branch: str | None
) -> None:
    """A statement or an aggregator told of an account. What it says of one that the customer named is kept; the number
    may be masked, and a statement may not say the IFSC."""
    last4 = masked_number[-4:]
    told = {
        "account_type": account_type if account_type in ACCOUNT_TYPES else None,
        "branch": branch[:BRANCH_CHARS_MAX] if branch else None,
    }
    for account in of_customer(customer_id):
        if account.account_last4 == last4 and ifsc in ("", account.ifsc):
            new = {name: value for name, value in told.items() if value and value != getattr(account, name)}
            if new:
                account.change(**new)


def verified(customer_id: UUID | str) -> UserBankAccount | None:
    """The account to pay to: the newest verified one."""
    return next((account for account in of_customer(customer_id) if account.verified), None)
