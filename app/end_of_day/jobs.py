"""What closes the days by itself."""

from datetime import date, timedelta

from app.core import clock
from app.core.database import current_brand
from app.core.outbox import enqueue, job
from app.end_of_day import closing
from app.end_of_day import late as closing_late
from app.ledger import late


@job()
def close_yesterday() -> None:
    """After midnight in India: have the day that ended closed, and what was missed before it."""
    yesterday = clock.today() - timedelta(days=1)
    enqueue("end_of_day.close_brand", brand_id=current_brand(), upto=yesterday.isoformat())


@job()
def look_for_late() -> None:
    """Have the days closed again that something told late touches."""
    if late.told():
        enqueue("end_of_day.close_again", brand_id=current_brand())


@job("pipelines", atomic=False, attempts_max=3, lease_s=3_600)
def close_again(brand_id: str) -> None:
    """Close days of some borrowers again. Where it broke off it is run again."""
    closing_late.close_again(brand_id)


@job("pipelines", atomic=False, attempts_max=5, lease_s=7_200)
def close_brand(brand_id: str, upto: str) -> None:
    """Close the days of a brand up to one, first those that are to be closed again. Broken off it is run again."""
    last = date.fromisoformat(upto)
    closing_late.close_again(brand_id)
    while days := [day for day in closing.marked(brand_id) if day <= last]:
        closing.close(brand_id, days[0])
    closing.catch_up(brand_id, last)
