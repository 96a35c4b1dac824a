"""Whom the customer named. Nobody but the borrower may be called about a debt (RBI, circular of 12 August 2022): others
are hidden from who does not ask for them."""

from reports import masks
from reports.base import Column, Option
from reports.kinds import CHOICE, TEXT

# of every report that shows these columns
REFERENCES = Option("references", {"hidden": "whom the customer named stays hidden", "shown": "it is shown"})


def _if_shown(value: str) -> str:
    return f"CASE WHEN %(references)s = 'shown' THEN {value} END"


COLUMNS = tuple(
    column
    for n in (1, 2)
    for column in (
        Column(
            f"reference_{n}_name",
            TEXT,
            f"Reference {n}; hidden if not asked for",
            _if_shown(f"friends.name_{n}"),
            masks.HIDE,
            sealed="customer_reference.name_enc",
        ),
        Column(
            f"reference_{n}_mobile",
            TEXT,
            f"Phone of reference {n}; hidden if not asked for",
            _if_shown(f"friends.phone_{n}"),
            masks.PHONE,
            sealed="customer_reference.phone_enc",
        ),
        Column(
            f"reference_{n}_relation",
            CHOICE,
            f"Relation of reference {n}; hidden if not asked for",
            _if_shown(f"friends.relation_{n}"),
        ),
    )
)
