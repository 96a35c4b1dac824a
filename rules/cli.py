"""The `rules` commands: check rule files, read a rule set, decide a file."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from rules.cases import CaseReport, run_cases
from rules.checking import check
from rules.counterfactual import what_would_change
from rules.deciding import decide, load
from rules.document import policies_page
from rules.engines.decision import REFER, REJECT, Decision, Verdict
from rules.language.errors import DecisionRefused, RulesError
from rules.language.files import Folder, brand_rulesets, ruleset_file
from rules.language.ruleset import Rule, Ruleset
from rules.language.values import shown

# Exit codes of `decide`, so that scripts can branch on the outcome.
EXIT_OF_OUTCOME = {REFER: 3, REJECT: 4}


@click.group("rules")
def rules() -> None:
    """Check, read and try the rule files of the brands."""


@rules.command("check")
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check_command(files: tuple[Path, ...]) -> None:
    """Check FILES, or every base and brand file: exit 0 when all are sound, 1 when not.

    Each problem is one line: file:line:column, what is wrong, the offending text, a suggestion.
    """
    problems = check(*files)
    for problem in problems:
        click.echo(str(problem), err=True)
    if problems:
        raise click.exceptions.Exit(1)
    click.echo("All rule files are sound.")


@rules.command("test")
@click.argument("brand", required=False)
@click.argument("name", required=False)
@click.option(
    "--min-coverage", type=click.FloatRange(0, 100), default=0.0, help="Percent that must be touched."
)
@click.option("--json", "as_json", is_flag=True, help="Print the reports as JSON.")
def test_command(brand: str | None, name: str | None, min_coverage: float, as_json: bool) -> None:
    """Decide the cases of every brand, of BRAND, or of its rule set NAME.

    Prints each case that came out otherwise, and what no case touches: a side of a rule, a table row, a bin.
    Exit 1 when a case fails, a rule set has no case, or less than --min-coverage is touched.
    """
    try:
        reports = [run_cases(Folder(), *which) for which in _tested(brand, name)]
    except RulesError as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps([report.as_dict() for report in reports], indent=2))
    else:
        for report in reports:
            _print_report(report)
    if any(not report.passed or report.coverage.percent < min_coverage for report in reports):
        raise click.exceptions.Exit(1)


def _tested(brand: str | None, name: str | None) -> list[tuple[str, str]]:
    chosen = [
        (brand_id, ruleset)
        for brand_id, ruleset in brand_rulesets(Folder())
        if brand in (None, brand_id) and name in (None, ruleset)
    ]
    if not chosen:
        ruleset_file(brand or "", name or "bre", Folder())
    return chosen


def _print_report(report: CaseReport) -> None:
    count, failed = len(report.results), len(report.failures)
    told = f"{failed} of {count} cases fail" if failed else f"{count} cases pass" if count else "no cases"
    brand, name = report.ruleset.brand, report.ruleset.name
    click.echo(f"{brand} {name}: {told}, {report.coverage.percent:.1f} % touched")
    for result in report.failures:
        click.echo(f"  fails    {result}")
    for spot in report.coverage.untouched:
        click.echo(f"  untouched {spot.what}  ({spot.place})")


@rules.command("doc")
@click.option(
    "--write", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file instead."
)
def doc_command(write: Path | None) -> None:
    """Print every rule of every brand as a page (docs/policies.md)."""
    try:
        page = policies_page(Folder())
    except RulesError as error:
        raise click.ClickException(str(error)) from error
    if write:
        write.write_text(page, encoding="utf-8")
    else:
        click.echo(page, nl=False)


@rules.command("show")
@click.argument("brand")
@click.argument("name", default="bre")
def show_command(brand: str, name: str) -> None:
    """Show the rule set NAME (bre, cam, offer) of BRAND as it applies, bases included."""
    ruleset = _loaded(brand, name)
    click.echo(f"{ruleset.brand} {ruleset.name}, hash {ruleset.hash}")
    for title, lines in (
        ("Parameters", [f"{key}: {shown(value)}" for key, value in ruleset.parameters.items()]),
        ("Derived", [", ".join(step.gives) + f"  ({step.place})" for step in ruleset.steps]),
        ("Offer", [", ".join(ruleset.offer) or "none"]),
        ("Rules", [_rule_line(rule) for rule in ruleset.rules]),
    ):
        click.echo(f"\n{title}")
        for line in lines:
            click.echo(f"  {line}")


def _rule_line(rule: Rule) -> str:
    missing = "" if rule.on_missing in ("refer", "") else f", when not known: {rule.on_missing}"
    says = rule.effect or "gives"
    return f"{rule.priority:>3} {says:<7} {rule.id}: {rule.reason}{missing}  ({rule.place})"


@rules.command("decide")
@click.argument("brand")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--name", default="bre", show_default=True, help="The rule set to decide with.")
@click.option("--all", "every", is_flag=True, help="Show every rule, also those that did not speak.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole decision as JSON.")
def decide_command(brand: str, file: Any, name: str, every: bool, as_json: bool) -> None:
    """Decide on FILE, a JSON object of feature: value ("-" reads standard input).

    Exit 0 approves, 3 refers, 4 rejects; 1 means that there is no decision.
    """
    decision = _decided(_loaded(brand, name), _features(file))
    if as_json:
        click.echo(decision.as_bytes().decode())
    else:
        _print(decision, decision.verdicts if every else decision.reasons)
    raise click.exceptions.Exit(EXIT_OF_OUTCOME.get(decision.outcome, 0))


@rules.command("explain")
@click.argument("brand")
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option("--name", default="bre", show_default=True, help="The rule set to decide with.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def explain_command(brand: str, file: Any, name: str, as_json: bool) -> None:
    """Explain the decision on FILE, and what would have to change for a better one."""
    ruleset, features = _loaded(brand, name), _features(file)
    try:
        outlook = what_would_change(ruleset, features)
    except DecisionRefused as error:
        raise click.ClickException(f"no decision: {error}") from error
    if as_json:
        click.echo(json.dumps(outlook.as_dict(), ensure_ascii=False))
        return
    _print(outlook.decision, outlook.decision.reasons)
    for title, lines in (
        ("What would have to change", outlook.for_staff),
        ("To the customer", outlook.for_customer),
    ):
        if lines:
            click.echo("\n".join([f"\n{title}", *(f"  {line}" for line in lines)]))


def _loaded(brand: str, name: str) -> Ruleset:
    try:
        return load(brand, name)
    except RulesError as error:
        raise click.ClickException(str(error)) from error


def _features(file: Any) -> dict[str, Any]:
    try:
        features = json.load(file, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{file.name} is no JSON: {error}") from error
    if not isinstance(features, dict):
        raise click.ClickException(f"{file.name} should be one JSON object of feature: value")
    return features


def _decided(ruleset: Ruleset, features: dict[str, Any]) -> Decision:
    try:
        return decide(ruleset, features)
    except DecisionRefused as error:
        raise click.ClickException(f"no decision: {error}") from error


def _print(decision: Decision, verdicts: tuple[Verdict, ...]) -> None:
    click.echo(f"{decision.outcome}  {decision.ruleset.label}")
    for verdict in verdicts:
        click.echo(f"  {verdict.effect or verdict.verdict.lower():<8} {verdict.rule_id}: {verdict.reason}")
        for title, values in (("saw", verdict.values), ("limit", verdict.thresholds)):
            if values:
                told = ", ".join(f"{key}={shown(value)}" for key, value in values.items())
                click.echo(f"           {title:<5} {told}")
    if decision.offer:
        click.echo(
            "  offer    " + ", ".join(f"{name}={shown(value)}" for name, value in decision.offer.items())
        )
    if decision.ignored_inputs:
        click.echo(f"  not in the dictionary: {', '.join(decision.ignored_inputs)}")
