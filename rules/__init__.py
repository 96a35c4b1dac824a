"""Decisions: the rule language, its two engines, and every brand's rule files.

Functions of their arguments only: no clock, no database, no network, no environment.
"""

from rules.cases import CaseReport, run_cases
from rules.checking import check, faults
from rules.compiler import compile_ruleset
from rules.counterfactual import Change, Outlook, what_would_change
from rules.deciding import NotSound, compute, decide, load
from rules.engines.decision import APPROVE, HIT, NO_HIT, NOT_EVALUATED, REFER, REJECT, Decision, Verdict
from rules.language.errors import DecisionRefused, EngineDisagreement, EngineFault, Place, Problem, RulesError
from rules.language.ruleset import Rule, Ruleset

__all__ = [
    "APPROVE",
    "HIT",
    "NOT_EVALUATED",
    "NO_HIT",
    "REFER",
    "REJECT",
    "CaseReport",
    "Change",
    "Decision",
    "DecisionRefused",
    "EngineDisagreement",
    "EngineFault",
    "NotSound",
    "Outlook",
    "Place",
    "Problem",
    "Rule",
    "RulesError",
    "Ruleset",
    "Verdict",
    "check",
    "compile_ruleset",
    "compute",
    "decide",
    "faults",
    "load",
    "run_cases",
    "what_would_change",
]
