"""How people come: visits, forms of advertisements, and what is checked of those who register."""

import json
from dataclasses import dataclass
from datetime import timedelta

from app.core import names
from app.core.crypto import lookup_hash
from app.seed.book.desk import Desk
from app.seed.book.people import Person, hashes, phone_of, workplace

# of those who give a phone: who goes on, step by step
REGISTER, PAN, AADHAAR, ACCOUNT = 0.93, 0.95, 0.96, 0.97
_FORMS = {"facebook": "Instant cash form", "instagram": "Festive form"}
# leads of bought forms whom nobody ever saw again, for each that came
LOST_LEADS = 0.8


@dataclass(frozen=True)
class Arrived:
    """A customer, and how far they are: who reached their bank account may apply."""

    person: Person
    consent_id: str
    account_id: str | None


def arrive(desk: Desk, one: Person, customer_no: str, *, goes_on: bool) -> Arrived:
    """The rows of somebody who came; `goes_on`: all the way to an application."""
    reached = _reached(desk, goes_on=goes_on)
    _customer(desk, one, customer_no, reached)
    _visit(desk, one)
    consent_id = desk.id(one.came_at)
    if reached >= 1:
        desk.rows.add("consent", consent_id, one.id, "BUREAU", "2026-01", one.came_at + timedelta(minutes=2))
    _checks(desk, one, reached)
    return Arrived(one, consent_id, _account(desk, one) if reached >= 4 else None)


def _reached(desk: Desk, *, goes_on: bool) -> int:
    """How many of phone, PAN, Aadhaar and account are proven."""
    if goes_on:
        return 4
    steps = (REGISTER, PAN, AADHAAR, ACCOUNT)
    return next((n for n, share in enumerate(steps) if desk.draw.random() > share - 0.2), 3)


def _customer(desk: Desk, one: Person, customer_no: str, reached: int) -> None:
    seal, known = desk.brand.seal, hashes(one, desk.brand.id)
    has_pan, has_aadhaar = reached >= 2, reached >= 3
    desk.rows.add(
        "customer",
        one.id,
        customer_no,
        seal(one.phone, "customer.phone_enc"),
        known["phone"],
        seal(one.email, "customer.email_enc") if reached else None,
        known["email"] if reached else None,
        seal(one.name, "customer.name_enc") if has_pan else None,
        known["name"] if has_pan else "{}",
        one.gender if has_pan else None,
        seal(one.dob.isoformat(), "customer.dob_enc") if has_pan else None,
        seal(one.pan, "customer.pan_enc") if has_pan else None,
        known["pan"] if has_pan else None,
        *(
            (one.last4, known["aadhaar"], seal(one.name, "customer.aadhaar_name_enc"), known["identity"])
            if has_aadhaar
            else (None,) * 4
        ),
        seal(json.dumps(one.address), "customer.address_enc") if has_aadhaar else None,
        one.address["town"] if has_aadhaar else None,
        one.salary if reached else None,
        "BANK_TRANSFER",
        "SALARIED",
        desk.same(one.employer, "customer.employer_name_enc") if reached else None,
        one.designation if reached else None,
        one.salary_day if reached else None,
        *(_more(desk, one) if has_aadhaar else (None,) * 6),
        json.dumps(one.source.utm),
        one.device,
        one.came_at + timedelta(minutes=1) if reached else None,
        one.came_at,
    )


def _more(desk: Desk, one: Person) -> tuple[str, ...]:
    """What may stay unsaid, as the table has it: their father, how they live, where they work."""
    works_at, office_phone = workplace(one.employer)
    return (
        desk.same(one.father, "customer.father_name_enc"),
        one.marital_status,
        one.permanent_residence,
        desk.brand.seal(json.dumps(one.current_address), "customer.current_address_enc"),
        desk.same(json.dumps(works_at), "customer.employer_address_enc"),
        desk.same(office_phone, "customer.office_phone_enc"),
    )


def _visit(desk: Desk, one: Person) -> None:
    came = one.source
    visited_at = one.came_at - timedelta(seconds=desk.draw.randint(20, 900))
    click_id = desk.id(visited_at)
    platform = came.source if came.source in _FORMS else None
    desk.rows.add(
        "click",
        click_id,
        came.channel,
        desk.brand.affiliates.get(came.source or ""),
        came.source,
        came.medium,
        came.campaign,
        platform,
        f"{desk.brand.id}.example",
        "/apply",
        visited_at,
    )
    desk.rows.add("customer_touch", desk.id(one.came_at), one.id, click_id, "true", one.came_at)


def _checks(desk: Desk, one: Person, reached: int) -> None:
    told = {"PAN": {"name": one.name}, "AADHAAR": {"date_of_birth": one.dob.isoformat()}}
    for step, (kind, result) in enumerate(told.items(), 2):
        at = one.came_at + timedelta(minutes=3 * step)
        sealed = desk.brand.seal(json.dumps(result), "kyc_check.result_enc") if reached >= step else None
        status = "VERIFIED" if reached >= step else "REJECTED"
        if reached >= step - 1:
            desk.rows.add("kyc_check", desk.id(at), one.id, kind, status, "digitap", sealed, at)


def _account(desk: Desk, one: Person) -> str:
    at = one.came_at + timedelta(minutes=15)
    account_id = desk.id(at)
    desk.rows.add(
        "user_bank_account",
        account_id,
        one.id,
        desk.brand.seal(one.account, "user_bank_account.account_number_enc"),
        lookup_hash("account", f"{one.ifsc}{one.account}"),
        lookup_hash("account_number", one.account),
        one.account[-4:],
        one.ifsc,
        "SAVINGS",
        one.address["town"].upper(),
        desk.brand.seal(one.name, "user_bank_account.holder_name_enc"),
        one.evidence["name_match_pan_bank_percent"],
        "true",
        at,
    )
    employer = desk.same(one.employer, "employment.employer_name_enc")
    desk.rows.add("employment", desk.id(at), one.id, employer, one.joined_on, "true", at)
    return account_id


def lead_forms(desk: Desk, people: list[Person], first_lost: int) -> None:
    """One file of forms: of those who came through them, and of phones (from that number on) who never did."""
    came = [one for one in people if one.source.source in _FORMS]
    if not came:
        return
    lost = round(len(came) * LOST_LEADS)
    uploaded_at = max(one.came_at for one in came)
    run_id = desk.id(uploaded_at)
    requested_by = desk.one_of("ADMIN")
    desk.rows.add(
        "lead_run", run_id, "UPLOAD", "READY", "forms.csv", "{}", len(came) + lost, len(came) + lost, lost,
        len(came), requested_by, uploaded_at, uploaded_at,
    )  # fmt: skip
    for line, one in enumerate(came, 1):
        desk.rows.add("lead_form", *_form(desk, run_id, line, one, "PROCESSED", one.phone))
    for line in range(lost):
        one = desk.draw.choice(came)
        phone = phone_of(desk.seed, first_lost + line)
        desk.rows.add("lead_form", *_form(desk, run_id, len(came) + line + 1, one, "PENDING", phone))


def _form(desk: Desk, run_id: str, line: int, one: Person, status: str, phone: str) -> tuple:
    is_theirs = status == "PROCESSED"
    submitted_at = one.came_at - timedelta(minutes=desk.draw.randint(5, 3_000))
    return (
        desk.id(submitted_at),
        run_id,
        line,
        status,
        desk.brand.seal(one.name, "lead_form.name_enc"),
        names.as_array(one.name, desk.brand.id),
        desk.brand.seal(phone, "lead_form.phone_enc"),
        lookup_hash("phone", phone),
        one.address["town"],
        submitted_at,
        one.source.source,
        one.source.campaign,
        _FORMS[one.source.source],
        one.id if is_theirs else None,
        one.came_at if is_theirs else None,
        submitted_at,
    )
