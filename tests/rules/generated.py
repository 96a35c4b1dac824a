"""Strategies: inputs for a dictionary (right, wrong and absent ones), and conditions."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from rules.language.dictionary import Feature
from rules.language.ruleset import Ruleset, expressions
from rules.language.tree import Compare, Literal, Member, Name, children

JUNK = st.sampled_from(
    ["", "junk", "550", "1e5", " 1", "∞", float("nan"), float("inf"), 10**40, [], {}, True, -1, "2026-02-30"]
)


def constants(ruleset: Ruleset) -> dict[str, list[Any]]:
    """The constants that each name is compared with in a rule set: its edges."""
    found: dict[str, list[Any]] = {}
    stack = [rule.when for rule in ruleset.rules]
    stack += [tree for step in ruleset.steps for tree in expressions(step)]
    while stack:
        node = stack.pop()
        stack += children(node)
        if isinstance(node, Compare | Member):
            left, right = children(node)
            value = (
                right.value
                if isinstance(right, Literal)
                else ruleset.parameters.get(getattr(right, "id", ""))
            )
            if isinstance(left, Name) and value is not None:
                found.setdefault(left.id, []).extend(value if isinstance(value, tuple) else [value])
    return found


def value_of(feature: Feature, edges: list[Any]) -> st.SearchStrategy:
    """Values of a feature: anything in its range, and often one at or beside an edge."""
    if feature.type == "boolean":
        return st.booleans()
    if feature.type == "text":
        return st.sampled_from(feature.values)
    if feature.type == "date":
        return st.dates(date(2020, 1, 1), date(2030, 1, 1))
    if feature.type == "integer":
        near = [edge + step for edge in edges for step in (-1, 0, 1)]
        low = int(feature.minimum)
        anything = st.integers(low, int(min(feature.maximum, max(low, 0) + 5000)))
        return st.sampled_from(near) | anything if near else anything
    near = [Decimal(edge) + Decimal(step) for edge in edges for step in ("-0.01", "0", "0.01")]
    anything = st.decimals(max(feature.minimum, 0), min(feature.maximum, 200_000), places=2)
    return st.sampled_from(near) | anything if near else anything


def applicants(
    ruleset: Ruleset, *, absent: bool = True, junk: bool = True
) -> st.SearchStrategy[dict[str, Any]]:
    """Inputs for a rule set, some absent and some that cannot be read."""
    edges = constants(ruleset)
    fields = {}
    for name, feature in ruleset.dictionary.items():
        value = value_of(feature, edges.get(name, []))
        fields[name] = st.one_of(value, value, value, value, JUNK) if junk else value
    return st.fixed_dictionaries({}, optional=fields) if absent else st.fixed_dictionaries(fields)


NUMBERS = (
    "age_years",
    "bureau_score",
    "inward_bounce_count_3m",
    "average_salary_3m",
    "salary_variance_percent",
)
COMPARED = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
SMALL = st.integers(0, 5).map(str) | st.sampled_from(["600", "0.5", "1_000.01"])


def _numbers() -> st.SearchStrategy[str]:
    plain = st.sampled_from(NUMBERS) | SMALL
    return (
        plain
        | st.builds("({} {} {})".format, plain, st.sampled_from("+-*/"), plain)
        | st.builds("{}({}, {})".format, st.sampled_from(["min", "max", "coalesce"]), plain, plain)
    )


ATOMS = st.one_of(
    st.builds("{} {} {}".format, _numbers(), COMPARED, _numbers()),
    st.builds("{} {} {}".format, st.sampled_from(NUMBERS), COMPARED, SMALL),
    st.builds("{} <= {} < {}".format, SMALL, st.sampled_from(NUMBERS), SMALL),
    st.builds("{} between {} and {}".format, st.sampled_from(NUMBERS), SMALL, SMALL),
    st.sampled_from(
        [
            "bureau_hit",
            "blacklisted",
            "true",
            'city_tier == "A"',
            'city_tier in ("A", "C")',
            'city_tier not in ("B", "C")',
            "missing(bureau_score)",
            "missing(bureau_hit)",
            "age_years in (1, 2, 3)",
        ]
    ),
)


def conditions() -> st.SearchStrategy[str]:
    """Conditions of the grammar over a handful of the shared inputs."""
    return joined(ATOMS, 8)


def joined(atoms: st.SearchStrategy[str], leaves: int) -> st.SearchStrategy[str]:
    """Conditions made of others by `and`, `or` and `not`."""
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.builds("not ({})".format, inner),
            st.lists(inner, min_size=2, max_size=4).map(lambda items: "(" + " and ".join(items) + ")"),
            st.lists(inner, min_size=2, max_size=4).map(lambda items: "(" + " or ".join(items) + ")"),
        ),
        max_leaves=leaves,
    )
