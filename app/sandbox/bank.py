"""What a bank says when somebody asks whose account it is: the same to whichever provider asks."""

from difflib import SequenceMatcher

from app.sandbox.personas import DIRECTORY, person_for

NAME_MATCH_MIN = 0.8


def holder_of(account_number: str, name: str) -> str | None:
    """The account of somebody known tells their name; any other belongs to whoever is named; 000... to nobody."""
    if account_number.startswith("000"):
        return None
    is_known = DIRECTORY.is_known(account_number)
    person = person_for(account_number=account_number) if is_known else DIRECTORY.person_named(name)
    return person.kyc_name if person else name.upper()


def holder_of_vpa(vpa: str) -> str | None:
    """A UPI id that begins with somebody's phone is theirs, `...@other` is another person's; any other is nobody's."""
    name, _, handle = vpa.partition("@")
    if handle == "other":
        return "RAMESH OTHER"
    return person_for(phone=name[:10]).kyc_name if name[:10].isdigit() and len(name) >= 10 else None


def is_slow(account_number: str) -> bool:
    """Whether this bank takes its time."""
    return account_number.startswith("999")


def likeness(one: str, other: str) -> float:
    """How alike two names are, 0 to 1."""
    return SequenceMatcher(None, one.upper(), other.upper()).ratio()
