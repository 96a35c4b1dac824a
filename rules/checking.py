"""Checking rule files: all that keeps them from being loaded, then all that reasoning finds in them."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from rules.analysis import analyse
from rules.compiler import compile_ruleset
from rules.language.errors import Place, Problem, RulesError
from rules.language.files import ROOT, Folder, Library
from rules.language.source import text_of


class Checked(NamedTuple):
    """One rule file: what is wrong, and the names of all the files that it is made of."""

    name: str
    problems: list[Problem]
    files: Iterable[str]


def check(*paths: Path, root: Path = ROOT) -> list[Problem]:
    """Every problem of the given rule files; of all brand and base files when none is given.

    What is wrong in a base already is told once, for the base, and not again for each brand.
    """
    folder = Folder(root)
    library = ChainMap({_name(path, folder): text_of(path, _name(path, folder)) for path in paths}, folder)
    chosen = [*library.maps[0]] or [name for name in folder if _is_ruleset(name)]
    checked = {name: _checked(name, library) for name in chosen}
    found = [problem for one in checked.values() for problem in _own(one, checked)]
    return sorted(dict.fromkeys(found), key=lambda problem: problem.place)


def faults(name: str, library: Library) -> list[Problem]:
    """All that is wrong with the rule file of this name and what it extends, in file order."""
    return _checked(name, library).problems


def _checked(name: str, library: Library) -> Checked:
    try:
        ruleset = compile_ruleset(name, library)
    except RulesError as error:
        return Checked(name, error.problems, ())
    return Checked(name, [_placed(problem, name) for problem in analyse(ruleset)], ruleset.files)


def _placed(problem: Problem, name: str) -> Problem:
    """A problem told in a base may be one of this file alone, for its parameters: so it is named."""
    if problem.place.file == name:
        return problem
    return replace(problem, suggestion=f"{problem.suggestion}; so it is in {name}")


def _own(one: Checked, checked: Mapping[str, Checked]) -> list[Problem]:
    """The problems of a file that none of its bases has."""
    bases = [checked[name] for name in one.files if name in checked and name != one.name]
    told = {_key(problem) for base in bases for problem in base.problems}
    return [problem for problem in one.problems if _key(problem) not in told]


def _key(problem: Problem) -> tuple[Place, str]:
    return problem.place, problem.message


def _is_ruleset(name: str) -> bool:
    """The cases of a brand stand beside its rule files and are no rule file."""
    return name.startswith(("brands/", "base/")) and not name.endswith("/cases.yaml")


def _name(path: Path, folder: Folder) -> str:
    """A file as messages name it: relative to the rules folder when it is inside."""
    path = path.resolve()
    return str(path.relative_to(folder.root)) if path.is_relative_to(folder.root) else str(path)
