"""Texts with `{names}` in them: which they are, what is wrong with them, and how they are filled."""

from collections.abc import Collection, Iterator, Mapping
from string import Formatter
from typing import Any

# what every text may say without being given it
ALWAYS = ("brand", "name")
KEPT = {"code", "url"}  # without these a message leads nowhere


def names_in(text: str) -> list[str]:
    """The names of a text that `fault` finds nothing wrong with, in the order in which they are said first."""
    return list(dict.fromkeys(name for _, name, _, _ in Formatter().parse(text) if name))


def fault(text: str, known: Collection[str], kept: Collection[str] = ()) -> str:
    """What is wrong with a text that may say `known` names and has to say those `kept`; empty if nothing is."""
    try:
        parts = [part for part in Formatter().parse(text) if part[1] is not None]
    except ValueError as error:
        return f"The braces do not fit: {error}."
    strange = [name for _, name, form, conversion in parts if name not in known or form or conversion]
    if strange:
        return f"{{{strange[0]}}} cannot be said here; there are {', '.join(sorted(known))}, plain."
    lost = set(kept) - {name for _, name, _, _ in parts}
    return f"{{{min(lost)}}} must be in it." if lost else ""


def misfits(given: Mapping[str, Any], declared: Collection[str]) -> Iterator[str]:
    """What is wrong with the values given for declared variables, one sentence each."""
    for name in declared:
        if name not in given:
            yield f"{name} is missing."
    for name in given:
        if name not in declared:
            yield f"{name} is unknown; there are {', '.join(declared) or 'none'}."


SMS_PARTS = {True: (160, 153), False: (70, 67)}


def sms_parts(text: str) -> int:
    """How many SMS a text is: 160 plain letters, or 70 where one is not plain; a little less each when several."""
    whole, each = SMS_PARTS[text.isascii()]
    return 1 if len(text) <= whole else -(-len(text) // each)
