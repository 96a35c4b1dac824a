"""Rule files as tests write them, and what reasoning finds in them."""

from rules import faults

HEAD = "ruleset: bre\nbrand: test\n"
FILE = "brands/test/bre.yaml"


def found(text, name=FILE, **others):
    library = {
        name: HEAD + text,
        **{f"base/{key}.yaml": f"ruleset: bre\n{value}" for key, value in others.items()},
    }
    return [str(problem).removeprefix(f"{name}:") for problem in faults(name, library)]


def rule(when, then="refer", more="", name="ONE"):
    return f"  - {{id: {name}, when: '{when}', then: {then}, reason: x{more}}}\n"


def one(when, parameters=""):
    return found(parameters + "rules:\n" + rule(when))
