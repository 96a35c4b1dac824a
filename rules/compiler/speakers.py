"""Rules: those that say reject, refer or approve, and those that give values to later rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from rules.compiler.draft import Draft, text
from rules.language.errors import Place, did_you_mean
from rules.language.ruleset import (
    DECISION_DATE,
    EFFECTS,
    ON_MISSING,
    SEVERITIES,
    SEVERITY_OF_EFFECT,
    Choice,
    Rule,
    Word,
    natural_words,
    words_of,
)
from rules.language.source import Cell
from rules.language.tree import And, Compare, Literal, Name, Node, names

RULES_MAX = 500
STYLES = ("", "money", "percent")
GENERAL_REASON = "We are unable to process your request at this time."
NAMED_KEYS = ("then", "otherwise")


@dataclass(frozen=True, slots=True)
class Speaker:
    """A rule as far as it can be read before the kinds of derived values are known.

    `said` is its `when` as written, `when` the same on the days of its effect; `then` and `otherwise`
    are the values that it gives.
    """

    id: str
    cell: Cell
    said: Node
    when: Node
    days: str
    then: dict[str, Node]
    otherwise: dict[str, Node]


def speakers(draft: Draft) -> list[Speaker]:
    """Every rule, in the order of the files."""
    found = draft.merged.rules
    if len(found) > RULES_MAX:
        draft.problem(Place(next(iter(draft.merged.files))), f"a rule set may have {RULES_MAX} rules")
    return [_speaker(draft, name, cell) for name, cell in found.items()]


def _speaker(draft: Draft, name: str, cell: Cell) -> Speaker:
    when, then = cell.get("when"), cell.get("then")
    gives = then is not None and isinstance(then.value, dict)
    for key in ("when", "then") if gives else ("when", "then", "reason"):
        told = cell.get(key)
        if told is None or (isinstance(told.value, str) and not told.value.strip()):
            draft.problem(cell.place, f'a rule says "{key}"', name)
    said = draft.expression(when) if when else Literal(True)
    days, told = _days(draft, cell)
    then, otherwise = (_given(draft, cell, key) for key in NAMED_KEYS)
    _check_giving(draft, cell, gives, then, otherwise)
    return Speaker(name, cell, said, And((*days, said)) if days else said, told, then, otherwise)


def _given(draft: Draft, cell: Cell, key: str) -> dict[str, Node]:
    """The values that a rule gives under this key, by name."""
    told = cell.get(key)
    if told is None or not isinstance(told.value, dict):
        return {}
    if not told.value:
        draft.problem(told.place, f'"{key}" gives at least one value', cell.value["id"].value)
    for name, place in told.keys.items():
        draft.named(name, place)
    return {name: draft.expression(value) for name, value in told.value.items()}


def _check_giving(draft: Draft, cell: Cell, gives: bool, then: dict, otherwise: dict) -> None:
    """`otherwise` says for the names of `then`; who gives values says nothing else."""
    told = cell.get("otherwise")
    if told and not isinstance(told.value, dict):
        draft.problem(told.place, '"otherwise" gives values', told.shown, "{name: expression}")
    for name in otherwise.keys() - then.keys():
        suggestion = did_you_mean(name, then)
        draft.problem(told.keys[name], '"otherwise" gives what "then" does not give', name, suggestion)
    if gives and cell.get("on_missing"):
        place, whose = cell.keys["on_missing"], "the rules that read the value say what follows"
        draft.problem(place, "a rule that gives values cannot say this", "on_missing", whose)


def _days(draft: Draft, cell: Cell) -> tuple[list[Node], str]:
    """The conditions for the days on which a rule is in effect, and the same in words."""
    start, end = draft.date(cell, "effective_from"), draft.date(cell, "effective_to")
    feature = draft.dictionary.get(DECISION_DATE)
    if (start or end) and (feature is None or feature.type != "date"):
        place = cell.keys["effective_from" if start else "effective_to"]
        draft.problem(place, "effective days want a date among the inputs", DECISION_DATE)
        return [], ""
    if start and end and start > end:
        draft.problem(cell.value["effective_to"].place, "the end is before the start", end.isoformat())
    bounds: list[tuple[str, date | None, str]] = [(">=", start, "from"), ("<=", end, "to")]
    told = " ".join(f"{word} {day}" for _, day, word in bounds if day)
    return [Compare(op, Name(DECISION_DATE), Literal(day)) for op, day, _ in bounds if day], told


def choices(draft: Draft, made: list[Speaker]) -> list[Choice]:
    """The values that rules give: each is of the first rule that hits."""
    given: dict[str, list[Speaker]] = {}
    for speaker in made:
        for name in speaker.then:
            given.setdefault(name, []).append(speaker)
    return [_choice(draft, name, givers) for name, givers in given.items()]


def _choice(draft: Draft, name: str, givers: list[Speaker]) -> Choice:
    fallbacks = [giver for giver in givers if name in giver.otherwise]
    for giver in fallbacks[1:]:
        place = giver.cell.value["otherwise"].keys[name]
        draft.problem(place, f'{fallbacks[0].id} says already what this is "otherwise"', name)
    branches = tuple((giver.when, giver.then[name]) for giver in givers)
    otherwise = fallbacks[0].otherwise[name] if fallbacks else None
    return Choice(name, branches, otherwise, (name,), givers[0].cell.value["then"].keys[name])


# --- the finished rules -----------------------------------------------------------------------------


def rules(draft: Draft, made: list[Speaker]) -> Iterator[Rule]:
    """The rules themselves, once every name has a kind."""
    for priority, speaker in enumerate(made, 1):
        if speaker.cell.get("when"):
            draft.condition(speaker.said)
        yield _rule(draft, speaker, priority)


def _rule(draft: Draft, speaker: Speaker, priority: int) -> Rule:
    cell, parameters = speaker.cell, draft.parameters
    effect = "" if speaker.then else draft.choice(cell, "then", EFFECTS, "refer")
    reason = draft.text(cell, "reason") or ", ".join(f"{name} is {{{name}}}" for name in speaker.then)
    words = _words(draft, (cell.get("reason") or cell).place, reason)
    seen = [name.id for tree in (speaker.when, speaker.said) for name in names(tree)]
    read = dict.fromkeys([*seen, *(word.name for word in words if word.name), *speaker.then])
    days = f" ({speaker.days})" if speaker.days else ""
    return Rule(
        id=speaker.id,
        when=speaker.when,
        condition=" ".join(text(cell.get("when")).split()) + days,
        effect=effect,
        gives=tuple(speaker.then),
        severity=draft.choice(cell, "severity", SEVERITIES, SEVERITY_OF_EFFECT[effect]),
        code=draft.text(cell, "code"),
        beside=_beside(draft, cell),
        on_missing=draft.choice(cell, "on_missing", ON_MISSING, "refer") if effect else "",
        reason=reason,
        words=natural_words(words, draft.dictionary, parameters),
        customer_reason=draft.text(cell, "customer_reason") or (GENERAL_REASON if effect else ""),
        source=draft.text(cell, "source"),
        priority=priority,
        names=tuple(item for item in read if item not in parameters),
        thresholds=MappingProxyType({item: parameters[item] for item in read if item in parameters}),
        place=cell.place,
        when_place=(cell.get("when") or cell).place,
    )


def _beside(draft: Draft, cell: Cell) -> tuple[str, ...]:
    """The rules named here. They may stand in other files; a slip shows, as the rule is then still shadowed."""
    return tuple(item.shown for item in draft.list(cell, "beside"))


def _words(draft: Draft, place: Place, reason: str) -> list[Word]:
    try:
        found = words_of(reason)
    except ValueError as error:
        draft.problem(place, f"the braces of this reason do not match: {error}", reason)
        return []
    for _, name, style in found:
        if name and name not in draft.check.kinds:
            draft.problem(place, "unknown name in a reason", name, did_you_mean(name, draft.check.kinds))
        if style not in STYLES:
            draft.problem(place, "a value is shown plain, as money or as percent", f"{{{name}:{style}}}")
    draft.used |= {word.name for word in found}
    return found
