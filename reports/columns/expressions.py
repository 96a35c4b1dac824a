"""Pieces of SQL that several columns use."""

# an earlier loan of the customer was paid out before this one was applied for
REPEAT = "book.first_disbursed_at < l.created_at"


def day(instant: str) -> str:
    """The day in India of an instant."""
    return f"({instant} AT TIME ZONE 'Asia/Kolkata')::date"


def cam(part: str, name: str) -> str:
    """A value of the latest CAM, as text: of its `inputs` or of what it `computed`."""
    return f"(cam.{part} ->> '{name}')"
