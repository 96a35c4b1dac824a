"""What this domain holds of people."""

from app.collections.models import (
    Complaint,
    Concession,
    Disposition,
    FieldVisit,
    LegalNotice,
    PromiseToPay,
    SkipTrace,
    Suit,
)
from app.core.holding import Holding

_NOWHERE = {"latitude": None, "longitude": None, "earlier_trips": []}
HOLDINGS = (
    Holding("identity", SkipTrace, customer=SkipTrace.customer_id, blank={"value": "erased", "remark": None}),
    Holding("identity", FieldVisit, customer=FieldVisit.customer_id, blank={**_NOWHERE, "remark": None}),
    Holding("identity", Complaint, customer=Complaint.customer_id, blank={"text": "erased", "answer": None}),
    Holding("loan file", Disposition, customer=Disposition.customer_id, kept=True),
    Holding("loan file", PromiseToPay, customer=PromiseToPay.customer_id, kept=True),
    Holding("loan file", Concession, customer=Concession.customer_id, kept=True),
    Holding("loan file", LegalNotice, customer=LegalNotice.customer_id, kept=True),
    Holding("loan file", Suit, customer=Suit.customer_id, kept=True),
)
