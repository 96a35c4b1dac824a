"""What runs of an assessment in the background. Each looks at the state first, so a repeat does nothing."""

from app.assessment import service
from app.core.database import brand_scope
from app.core.outbox import enqueue, job


@job()
def begin(loan_id: str) -> None:
    """An application was made, or reactivated."""
    service.begin(loan_id)


@job()
def go_on(customer_id: str) -> None:
    """Something came that the customer's application may wait for."""
    service.go_on(customer_id)


@job("pipelines", atomic=False, lease_s=120)
def take(brand_id: str, assessment_id: str, step: str) -> None:
    """Pull the bureau report, or run the rules; then look what comes next."""
    with brand_scope(brand_id):
        refusal = service.take(assessment_id, step)
    with brand_scope(brand_id):
        service.taken(assessment_id, step, refusal)


@job()
def look_after() -> None:
    """Find the assessments that nobody looked at for long."""
    for record in service.forgotten():
        enqueue("assessment.look_again", assessment_id=record.id)


@job()
def look_again(assessment_id: str) -> None:
    """Look at one of them."""
    service.look_again(assessment_id)
