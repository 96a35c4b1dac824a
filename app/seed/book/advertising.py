"""What it cost to bring the people of a chunk: a day at a time, by source and campaign."""

from collections import Counter
from datetime import datetime, time, timedelta
from decimal import Decimal

from app.core.clock import INDIA, business_day
from app.core.identity import Role
from app.core.money import rupees
from app.seed.book.desk import Desk
from app.seed.book.draw import Draw
from app.seed.book.people import CONTENT, Person

_PRICES = {(source, campaign): Decimal(price) for source, campaign, price in CONTENT["prices"]}
# a day is dearer or cheaper than the price, in percent of it
_FROM, _UPTO = 80, 125
_TOLD_AT = time(11, tzinfo=INDIA)


def advertise(desk: Desk, people: list[Person]) -> None:
    """What was spent on them, told on the next morning. Its chance is its own: nothing else depends on it."""
    draw = Draw(f"{desk.own.story}/advertising")
    told_by = [*desk.brand.staff.get(Role.LOAN_EXECUTIVE, ()), "system"][0]
    came = Counter((business_day(one.came_at), one.source.source, one.source.campaign) for one in people)
    for (day, *bought), number in sorted(came.items(), key=str):
        if price := _PRICES.get(tuple(bought)):
            amount = rupees(price * number * draw.randint(_FROM, _UPTO) / 100)
            at = min(datetime.combine(day + timedelta(days=1), _TOLD_AT), desk.now)
            desk.rows.add("marketing_spend", draw.id(at), day, *bought, amount, told_by, at, at)
