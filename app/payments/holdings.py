"""What this domain holds of people: what names nobody once the customer's identity is gone."""

from collections.abc import Callable
from uuid import UUID

from peewee import Expression

from app.core.database import TenantModel
from app.core.holding import Holding
from app.loans import service as loans
from app.payments.models import (
    ManualPayment,
    PaymentCollectionTransaction,
    PaymentDispute,
    PaymentReversal,
    PresentationFile,
    SuspenseItem,
)

_MODELS = (PaymentCollectionTransaction, ManualPayment, SuspenseItem, PaymentDispute, PaymentReversal)


def _of_loans(model: type[TenantModel]) -> Callable[[UUID], Expression]:
    return lambda customer_id: model.loan_id.in_([loan.id for loan in loans.of_customer(customer_id)])


HOLDINGS = (
    *(Holding("loan file", model, whose=_of_loans(model), kept=True) for model in _MODELS),
    Holding(
        "presentation files",
        PresentationFile,
        objects=lambda file: [file.file_key],
        blank={"file_key": None},
        since=PresentationFile.made_at,
    ),
)
