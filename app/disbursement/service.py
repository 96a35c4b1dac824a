"""Disbursement: what other domains, routes and jobs call."""

from app.disbursement.orders import ask_to_sign_anew, describe, propose, reject, release
from app.disbursement.payouts import (
    PayoutMismatch,
    beneficiary,
    by_reference,
    hear,
    of_loan,
    refresh,
    send,
    unsettled,
)
from app.disbursement.queue import counts, waiting
from app.disbursement.terms import terms_from

__all__ = [
    "PayoutMismatch",
    "ask_to_sign_anew",
    "beneficiary",
    "by_reference",
    "counts",
    "describe",
    "hear",
    "of_loan",
    "propose",
    "refresh",
    "reject",
    "release",
    "send",
    "terms_from",
    "unsettled",
    "waiting",
]
