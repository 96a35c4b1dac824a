"""Numbers that people read out, such as QUA-L-000042: without gaps worth mentioning, one series a brand and kind."""

from app.core.database import current_brand, db
from app.core.ids import new_id

_NEXT = """
INSERT INTO number_series (id, brand_id, kind, last) VALUES (%s, %s, %s, %s)
ON CONFLICT (brand_id, kind) DO UPDATE SET last = number_series.last + excluded.last RETURNING last
"""


def next_number(kind: str) -> str:
    """The next number of `kind` ("L" for loans, "C" for customers) in this brand."""
    return next_numbers(kind, 1)[0]


def next_numbers(kind: str, count: int) -> list[str]:
    """The next `count` numbers."""
    return [written(current_brand(), kind, number) for number in reserve(kind, count)]


def reserve(kind: str, count: int) -> range:
    """Where the next `count` numbers stand in their series; nobody else gets them."""
    last = db.execute_sql(_NEXT, (str(new_id()), current_brand(), kind, count)).fetchone()[0]
    return range(last - count + 1, last + 1)


def written(brand_id: str, kind: str, number: int) -> str:
    """A number of a series as people read it."""
    return f"{brand_id[:3].upper()}-{kind}-{number:06d}"
