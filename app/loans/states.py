"""The life of a loan and of its agreement: from, to, and who may take the step.

docs/loan-states.md shows it (`los loans states`).
"""

from app.core.identity import Role as R
from app.core.states import StateMachine, step

_ADMINS = (R.SUPER_ADMIN, R.ADMIN)
_CREDIT = (*_ADMINS, R.CREDIT_EXECUTIVE)
_MANAGERS = (*_ADMINS, R.SANCTION_MANAGER, R.SANCTION_HEAD)
_HEADS = (*_ADMINS, R.SANCTION_HEAD)
_COLLECTION = (*_ADMINS, R.COLLECTION_MANAGER, R.COLLECTION_HEAD, R.SYSTEM)
_WRITERS_OFF = (*_ADMINS, R.COLLECTION_HEAD)

LOAN = StateMachine(
    "loan",
    [
        step("APPLIED", "CREDIT_EXECUTIVE_APPROVED", *_CREDIT),
        step("APPLIED", "HOLD", *_CREDIT),
        step("APPLIED", "REJECTED", R.SYSTEM, *_CREDIT),
        step("APPLIED", "CANCELLED", R.CUSTOMER, *_CREDIT),
        step("CREDIT_EXECUTIVE_APPROVED", "SANCTION_MANAGER_APPROVED", *_MANAGERS),
        step("CREDIT_EXECUTIVE_APPROVED", "APPLIED", *_MANAGERS),
        step("CREDIT_EXECUTIVE_APPROVED", "HOLD", *_MANAGERS),
        step("CREDIT_EXECUTIVE_APPROVED", "REJECTED", R.SYSTEM, *_MANAGERS),
        step("CREDIT_EXECUTIVE_APPROVED", "CANCELLED", R.CUSTOMER, *_ADMINS),
        # by a manager where the amount is within their own authority
        step("SANCTION_MANAGER_APPROVED", "APPROVED", *_MANAGERS),
        step("SANCTION_MANAGER_APPROVED", "CREDIT_EXECUTIVE_APPROVED", *_HEADS),
        step("SANCTION_MANAGER_APPROVED", "HOLD", *_HEADS),
        step("SANCTION_MANAGER_APPROVED", "REJECTED", *_HEADS),
        step("SANCTION_MANAGER_APPROVED", "CANCELLED", R.CUSTOMER, *_ADMINS),
        # back to where it came from, by who works there, or by itself on the day
        step("HOLD", "APPLIED", R.SYSTEM, *_CREDIT),
        step("HOLD", "CREDIT_EXECUTIVE_APPROVED", R.SYSTEM, *_MANAGERS),
        step("HOLD", "SANCTION_MANAGER_APPROVED", R.SYSTEM, *_HEADS),
        step("HOLD", "CANCELLED", R.CUSTOMER, *_ADMINS),
        step("APPROVED", "DISBURSAL_IN_PROCESS", *_ADMINS),
        step("APPROVED", "CANCELLED", R.CUSTOMER, R.SYSTEM, *_ADMINS),
        # reactivated, to be evaluated again; of the cancelled those whose sanction ran out
        step("REJECTED", "APPLIED", *_HEADS),
        step("CANCELLED", "APPLIED", *_HEADS),
        step("DISBURSAL_IN_PROCESS", "DISBURSED", R.SYSTEM),
        step("DISBURSAL_IN_PROCESS", "APPROVED", R.SYSTEM),
        step("DISBURSED", "ACTIVE", R.SYSTEM),
        step("DISBURSED", "APPROVED", R.SYSTEM),
        step("ACTIVE", "APPROVED", R.SYSTEM),
        step("PARTIALLY_PAID", "APPROVED", R.SYSTEM),
        step("ACTIVE", "PARTIALLY_PAID", R.SYSTEM),
        step("ACTIVE", "PAID", R.SYSTEM),
        step("ACTIVE", "OVERDUE", R.SYSTEM),
        step("PARTIALLY_PAID", "PAID", R.SYSTEM),
        step("PARTIALLY_PAID", "OVERDUE", R.SYSTEM),
        step("OVERDUE", "PARTIALLY_PAID", R.SYSTEM),
        step("OVERDUE", "PAID", R.SYSTEM),
        step("PAID", "COMPLETED", R.SYSTEM),
        # less than is owed was agreed on and paid; or nothing more is expected, and what comes is a recovery
        step("ACTIVE", "SETTLED", *_COLLECTION),
        step("PARTIALLY_PAID", "SETTLED", *_COLLECTION),
        step("OVERDUE", "SETTLED", *_COLLECTION),
        step("PARTIALLY_PAID", "WRITE_OFF", *_WRITERS_OFF),
        step("OVERDUE", "WRITE_OFF", *_WRITERS_OFF),
        # the payment that brought it there was taken back
        *(
            step(source, target, R.SYSTEM)
            for source in ("PAID", "COMPLETED", "SETTLED", "DISBURSED_WAIVED")
            for target in ("ACTIVE", "PARTIALLY_PAID", "OVERDUE")
        ),
        step("PARTIALLY_PAID", "ACTIVE", R.SYSTEM),
        # given back in the days of cooling-off
        step("ACTIVE", "DISBURSED_WAIVED", R.SYSTEM),
        step("PARTIALLY_PAID", "DISBURSED_WAIVED", R.SYSTEM),
        step("DISBURSED_WAIVED", "COMPLETED", R.SYSTEM),
    ],
    initial="APPLIED",
)

AGREEMENT = StateMachine(
    "agreement",
    [
        step("NOT_SENT", "SENT", R.SYSTEM),
        step("SENT", "SIGNED", R.SYSTEM),
        step("SENT", "REJECTED", R.SYSTEM),
        step("SENT", "EXPIRED", R.SYSTEM, *_ADMINS),
        # the sanction ran out before the payout
        step("SIGNED", "EXPIRED", R.SYSTEM),
        step("REJECTED", "SENT", R.SYSTEM),
        step("EXPIRED", "SENT", R.SYSTEM),
    ],
    initial="NOT_SENT",
    field="agreement_status",
)
