"""The policies as a page that people read: every rule of every brand, made from the rule files."""

from __future__ import annotations

from collections.abc import Iterator

from rules.compiler import compile_ruleset
from rules.language.files import Library, brand_rulesets, ruleset_file
from rules.language.ruleset import Rule, Ruleset
from rules.language.values import shown

HEAD = """# The policies of the brands

Made from the rule files by `los rules doc`: do not edit. How to read and change them is in [rules.md](rules.md).
"""
COLUMNS = "| rule | says | code | when | with |\n|---|---|---|---|---|"


def policies_page(library: Library) -> str:
    """Markdown: per brand and rule set the rules in their order, each with its condition and thresholds."""
    sections, brand = [HEAD], ""
    for brand_id, name in brand_rulesets(library):
        if brand_id != brand:
            sections.append(f"## {brand_id}\n")
            brand = brand_id
        sections.append("\n".join(_section(compile_ruleset(ruleset_file(brand_id, name, library), library))))
    return "\n".join(sections)


def _section(ruleset: Ruleset) -> Iterator[str]:
    yield f"### {ruleset.brand} {ruleset.name}\n"
    if ruleset.offer:
        yield f"Offers {', '.join(f'`{name}`' for name in ruleset.offer)}.\n"
    elif not ruleset.rules:
        yield f"Gives {', '.join(f'`{name}`' for name in ruleset.derived)}.\n"
    if ruleset.rules:
        yield COLUMNS
        yield from map(_row, ruleset.rules)
        yield ""


def _row(rule: Rule) -> str:
    says = rule.effect or "gives values"
    if rule.on_missing == "ignore":
        says += ", ignored when not known"
    thresholds = ", ".join(f"{name} {shown(value)}" for name, value in rule.thresholds.items())
    condition = rule.condition.replace("|", "\\|")
    return f"| {rule.id} | {says} | {rule.code} | `{condition}` | {thresholds} |"
