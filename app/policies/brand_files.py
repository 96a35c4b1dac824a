"""Whether the rule files of a brand are all there and sound, before the brand is made of them."""

from functools import cache

import rules
from app.policies import service
from app.policies.drafts import UnsoundRules
from rules.language.files import Folder, Library, brand_rulesets


@cache
def needed() -> tuple[str, ...]:
    """The rule sets that a brand cannot do without: those that every shipped brand has."""
    shipped: dict[str, set[str]] = {}
    for brand_id, name in brand_rulesets(Folder()):
        shipped.setdefault(brand_id, set()).add(name)
    return tuple(sorted(set.intersection(*shipped.values())))


def refuse_unsound(brand_id: str) -> None:
    """Raises UnsoundRules with every problem: files that are missing, do not compile, or say what never holds."""
    library = service.library()
    found = [problem for name in needed() for problem in _problems(f"brands/{brand_id}/{name}.yaml", library)]
    if found:
        raise UnsoundRules(found)


def _problems(file: str, library: Library) -> list[rules.Problem]:
    if file not in library:
        return [rules.Problem(rules.Place(file), "the brand needs this file")]
    return rules.faults(file, library)
