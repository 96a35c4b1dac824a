"""From files that somebody sends to a rule set that compiles, or to the list of what is wrong with them."""

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import rules
from app.core.database import current_brand
from app.core.errors import Invalid
from app.policies import service
from app.policies.models import PolicyVersion
from rules.analysis import analyse
from rules.cases import CaseReport, cases_of, run_cases
from rules.language.files import Library, ruleset_file

FILES_MAX = 50


class UnsoundRules(Invalid):
    """Rule files that cannot be used, with every problem found in them."""

    code = "RULES_UNSOUND"

    def __init__(self, problems: list[rules.Problem]) -> None:
        count = f"{len(problems)} problems" if len(problems) > 1 else "1 problem"
        super().__init__(
            f"The rule files have {count}.",
            field="files",
            faults=map(str, problems),
            problems=[as_dict(problem) for problem in problems],
        )
        self.problems = problems


def as_dict(problem: rules.Problem) -> dict[str, Any]:
    """A problem as JSON: file, line, column, message, text, suggestion."""
    place = problem.place
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "message": problem.message,
        "text": problem.text,
        "suggestion": problem.suggestion,
    }


@dataclass(frozen=True)
class Proposal:
    """A rule set that compiles, and the files of its cases."""

    ruleset: rules.Ruleset
    case_files: dict[str, str]

    def refuse_faults(self) -> None:
        """Raise UnsoundRules for what reasoning finds: rules that never fire, rows never reached, gaps."""
        faults = analyse(self.ruleset)
        if faults:
            raise UnsoundRules(faults)

    def report(self) -> CaseReport:
        """How the cases come out."""
        library = {**self.ruleset.files, **self.case_files}
        return run_cases(library, self.ruleset.brand, self.ruleset.name)


class _Noted(Library):
    """A library that remembers which files were read."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.read: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        self.read[name] = self.library[name]
        return self.read[name]

    def __contains__(self, name: object) -> bool:
        return name in self.library

    def __iter__(self) -> Iterator[str]:
        return iter(self.library)

    def __len__(self) -> int:
        return len(self.library)


def propose(name: str, files: Mapping[str, str]) -> Proposal:
    """The rule set `name` with `files` in place of those in force. Raises UnsoundRules with every problem.

    What is not sent stays as it is in force: the bases, the dictionary, the cases.
    """
    misplaced = [_misplaced(file) for file in files if not _may_be_sent(file)]
    if misplaced:
        raise UnsoundRules(misplaced)
    ruleset, read = _compiled(name, files)
    strange = _strange(ruleset, name) or [_unused(file) for file in files if file not in read]
    if strange:
        raise UnsoundRules(strange)
    return Proposal(ruleset, {file: text for file, text in read.items() if file not in ruleset.files})


def _compiled(name: str, files: Mapping[str, str]) -> tuple[rules.Ruleset, dict[str, str]]:
    """The rule set, and every file that it and its cases were read from."""
    library, brand = _Noted(ChainMap(dict(files), in_force(name), service.library())), current_brand()
    try:
        ruleset = rules.compile_ruleset(ruleset_file(brand, name, library), library)
        cases_of(library, brand, ruleset)
    except rules.RulesError as error:
        raise UnsoundRules(error.problems) from None
    return ruleset, library.read


def used(name: str, files: Mapping[str, str]) -> dict[str, str]:
    """Those of the files that the rule set reads: a folder holds other rule sets as well."""
    _, read = _compiled(name, files)
    return {file: text for file, text in files.items() if file in read}


def in_force(name: str) -> dict[str, str]:
    """The files of the version in force with its cases; none where the shipped files are in force."""
    version = service.in_force(name)
    return all_files(version) if version else {}


def all_files(version: PolicyVersion) -> dict[str, str]:
    """Every file of a version: what it was compiled from, and its cases."""
    return (service.files_of(version.ruleset_hash) or {}) | version.cases


def filled(version: PolicyVersion) -> PolicyVersion:
    """The version with its `files`."""
    version.files = all_files(version)
    return version


def shipped_names() -> list[str]:
    """The rule sets that the brand's shipped files make."""
    prefix = f"brands/{current_brand()}/"
    names = [
        file.removeprefix(prefix).removesuffix(".yaml")
        for file in service.library()
        if file.startswith(prefix)
    ]
    return [name for name in names if "/" not in name and name != "cases"]


def problems(name: str, files: Mapping[str, str]) -> list[rules.Problem]:
    """All that is wrong with files as `propose` takes them; nothing, if nothing is."""
    try:
        propose(name, files).refuse_faults()
    except UnsoundRules as error:
        return error.problems
    return []


def _strange(ruleset: rules.Ruleset, name: str) -> list[rules.Problem]:
    """Whether the file says that it is another rule set, or another brand's."""
    wanted = {"brand": (ruleset.brand, current_brand()), "ruleset": (ruleset.name, name)}
    place = rules.Place(f"brands/{current_brand()}/{name}.yaml")
    return [
        rules.Problem(place, f"the {what} of this file is {right}", said, f"{what}: {right}")
        for what, (said, right) in wanted.items()
        if said != right
    ]


def _may_be_sent(file: str) -> bool:
    place = rf"(base/|brands/{re.escape(current_brand())}/)?"
    return re.fullmatch(place + r"[a-z][a-z0-9_]{0,59}\.yaml", file) is not None


def _misplaced(file: str) -> rules.Problem:
    names = f"brands/{current_brand()}/NAME.yaml, base/NAME.yaml or NAME.yaml"
    return rules.Problem(rules.Place(file[:100]), "a rule file of this brand is not named so", "", names)


def _unused(file: str) -> rules.Problem:
    return rules.Problem(rules.Place(file), "the rule set does not use this file", "", "leave it out")
