"""Pieces of SQL that several columns use."""

# the loan l is not the customer's first: an earlier one was paid out before this one was applied for
REPEAT = """EXISTS (SELECT FROM loan e WHERE e.brand_id = l.brand_id AND e.customer_id = l.customer_id
    AND e.disbursed_at < l.created_at)"""


def day(instant: str) -> str:
    """The day in India of an instant."""
    return f"({instant} AT TIME ZONE 'Asia/Kolkata')::date"


def cam(part: str, name: str) -> str:
    """A value of the latest CAM, as text: of its `inputs` or of what it `computed`."""
    return f"(cam.{part} ->> '{name}')"
