"""What is wrong with a rule set although every line of it can be read: found by reasoning, not by trying.

A rule that can never fire or always fires, one that another makes idle, table rows that are never reached, and
combinations that no row answers. Ranges and values come from the dictionary, limits from the parameters of
the brand. A parameter that is a text or true/false is a switch, and may be anything.
"""

from rules.analysis.about_rules import about_rules
from rules.analysis.about_tables import about_tables
from rules.analysis.space import Space
from rules.language.errors import Problem
from rules.language.ruleset import Ruleset


def analyse(ruleset: Ruleset) -> list[Problem]:
    """Every fault found in a compiled rule set, in file order. Bounded in time, whatever the file says."""
    space = Space(ruleset)
    found = [*about_rules(ruleset, space), *about_tables(ruleset)]
    return sorted(found, key=lambda problem: problem.place)


__all__ = ["analyse"]
