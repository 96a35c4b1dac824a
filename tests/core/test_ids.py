"""Identifiers sort in the order in which they were made, within a millisecond too."""

from uuid import RFC_4122

from app.core import clock
from app.core.ids import first_of, new_id


def test_what_is_made_one_after_the_other_sorts_so():
    before = clock.now()
    made = [new_id() for _ in range(500)]
    assert made == sorted(made)
    assert {(each.version, each.variant) for each in made} == {(7, RFC_4122)}
    assert first_of(before) <= made[0]
    assert len({each.int & (1 << 62) - 1 for each in made}) == len(made)
