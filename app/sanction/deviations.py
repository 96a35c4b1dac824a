"""Deviations: every departure from the policy as a record, with why it is right and who agreed."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple
from uuid import UUID

from app.cam import service as cams
from app.core import clock, identity
from app.loans import service as loans
from app.sanction import referrals
from app.sanction.models import Deviation

BRE, CAM, OVERRIDE = "BRE", "CAM", "OVERRIDE"


class Departure(NamedTuple):
    """What departs. Without a `justification` of its own the remark of whoever takes the step is it."""

    source: str
    rule_id: str
    code: str | None
    reason: str
    seen: dict[str, Any]
    threshold: dict[str, Any]
    justification: str | None


def departures(loan: loans.Loan, cam: Any, terms: cams.Terms) -> list[Departure]:
    """Where a sanction on these terms departs: accepted referrals, what the memo names, overridden figures."""
    return [*_of_rules(loan), *_of_memo(cam, terms), *_of_overrides(cam)]


def _of_rules(loan: loans.Loan) -> Iterator[Departure]:
    for said in referrals.of_loan(loan.id):
        if said["accepted"]:
            yield _departure(BRE, said, said["remark"])


def _of_memo(cam: Any, terms: cams.Terms) -> Iterator[Departure]:
    for said in terms.departures:
        yield _departure(CAM, said, cam.remark)


def _departure(source: str, said: dict[str, Any], justification: str | None) -> Departure:
    words = said["rule_id"], said["code"] or None, said["reason"]
    return Departure(source, *words, said["values"], said["thresholds"], justification)


def _of_overrides(cam: Any) -> Iterator[Departure]:
    for said in cam.inputs.get("overrides", []):
        field, value, computed = said["field"], said["value"], said["computed"]
        reason = f"{field} is {value} in the place of {computed}"
        yield Departure(OVERRIDE, field, None, reason, {field: value}, {"computed": computed}, said["remark"])


def of_loan(loan_id: UUID) -> list[Deviation]:
    """The deviations of the file as it stands, by rule. Raises NotFound without the loan."""
    return list(_standing(loans.get(loan_id).id).order_by(Deviation.source, Deviation.rule_id, Deviation.id))


def _standing(loan_id: UUID) -> Any:
    return Deviation.select().where(Deviation.loan_id == loan_id, Deviation.superseded_at.is_null())


def start_over(loan_id: UUID) -> None:
    """The list of an earlier recommendation counts no more."""
    mine = Deviation.loan_id == loan_id, Deviation.superseded_at.is_null()
    Deviation.update(superseded_at=clock.now()).where(*mine).execute()


def record(loan_id: UUID, found: list[Departure], remark: str) -> None:
    """Make the file's list say what departs now: what is new is added, what no longer departs is superseded."""
    standing = {(row.source, row.rule_id): row for row in _standing(loan_id)}
    for departure in found:
        if standing.pop((departure.source, departure.rule_id), None) is None:
            _add(loan_id, departure, remark)
    for row in standing.values():
        row.change(superseded_at=clock.now())


def _add(loan_id: UUID, departure: Departure, remark: str) -> None:
    kept = departure._asdict() | {"justification": departure.justification or remark}
    Deviation.create(
        loan_id=loan_id,
        delta=delta(departure.seen, departure.threshold),
        raised_by=identity.actor().id,
        **kept,
    )


def approve(loan_id: UUID, expires_on: date) -> None:
    """Whoever sanctions the loan agrees to its deviations, for as long as the sanction stands."""
    for row in _standing(loan_id):
        row.change(approved_by=identity.actor().id, approved_at=clock.now(), expires_on=expires_on)


def delta(seen: dict[str, Any], threshold: dict[str, Any]) -> Decimal | None:
    """How far the value is beyond the threshold, where there is one number of each."""
    values, limits = _numbers(seen), _numbers(threshold)
    return values[0] - limits[0] if len(values) == len(limits) == 1 else None


def _numbers(named: dict[str, Any]) -> list[Decimal]:
    return [number for value in named.values() if (number := _number(value)) is not None]


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
