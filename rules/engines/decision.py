"""What a decision is: its outcome, the verdict of every rule, and the exact inputs it saw."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from types import MappingProxyType
from typing import Any, NamedTuple

from rules.language.ruleset import HIT, NO_HIT, NOT_EVALUATED, Facts, Rule, Ruleset
from rules.language.values import Unknown, Value, canonical

APPROVE, REFER, REJECT = "APPROVE", "REFER", "REJECT"
PRINCIPAL_REASONS_MAX = 4
MISSING_REASON = "Some information that we need could not be obtained or verified."


class Verdict(NamedTuple):
    """What one rule said. Its words and values are read off the facts of the decision when asked for."""

    rule: Rule
    result: Any  # what its condition came out as: True, False or Unknown
    facts: Facts

    @property
    def verdict(self) -> str:
        if self.result is False:
            return NO_HIT
        return HIT if self.result is True else NOT_EVALUATED

    @property
    def effect(self) -> str:
        """What follows: reject, refer or approve; "" when nothing does."""
        return self.rule.effect_of(self.result)

    @property
    def why(self) -> str:
        """Why the rule was not evaluated; "" when it was."""
        return self.result.why if type(self.result) is Unknown else ""

    @property
    def rule_id(self) -> str:
        return self.rule.id

    @property
    def reason(self) -> str:
        """For staff: what is wrong, with value and threshold. Empty when the rule did not speak."""
        if self.result is True:
            return self.rule.told(self.facts)
        return f"Not evaluated: {self.why}" if self.why else ""

    @property
    def customer_reason(self) -> str:
        """For the customer: no values, no thresholds, no internals."""
        if self.result is True:
            return self.rule.customer_reason
        return MISSING_REASON if self.why else ""

    @property
    def source(self) -> str:
        return self.rule.source

    @property
    def values(self) -> dict[str, Any]:
        """The inputs and derived values that the rule read; None for what was unknown."""
        return {name: _known(self.facts[name]) for name in self.rule.names}

    @property
    def thresholds(self) -> Mapping[str, Value]:
        return self.rule.thresholds

    def as_dict(self) -> dict[str, Any]:
        return self.written({name: canonical(self.facts[name]) for name in self.rule.names})

    def written(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """As a dict, from facts that are written out already: the rules of a decision share theirs."""
        rule, told = self.rule, {} if self.result is False else self._told()
        return {
            **rule.silent,
            **told,
            "values": {name: facts[name] for name in rule.names},
            "thresholds": {**rule.silent["thresholds"]},
        }

    def _told(self) -> dict[str, str]:
        return {
            "verdict": self.verdict,
            "why": self.why,
            "effect": self.effect,
            "reason": self.reason,
            "customer_reason": self.customer_reason,
        }


@dataclass(frozen=True, eq=False)
class Decision:
    """An outcome with everything needed to explain it and to make it again.

    `inputs` are exact: numbers as int or Decimal, text, booleans, dates; one that could not be read
    is {"unreadable": why}. Deciding on `inputs` with the rule set of the same hash gives a decision
    of the same bytes. `ignored_inputs` are names that the dictionary does not know.

    The explanation is written out when it is asked for: it follows from the facts and the results,
    which are kept and never change.
    """

    outcome: str
    ruleset: Ruleset
    ignored_inputs: tuple[str, ...]
    spoken: tuple[Verdict, ...] = field(repr=False)  # of the rules that hit or could not be evaluated
    _facts: Facts = field(repr=False)

    @property
    def said(self) -> dict[str, str]:
        """Of every rule by its id, in the order of the rule set: HIT, NO_HIT or NOT_EVALUATED."""
        said = dict.fromkeys(self.ruleset.rule_ids, NO_HIT)
        for rule, result, _ in self.spoken:
            said[rule.id] = HIT if result is True else NOT_EVALUATED
        return said

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What every rule said, in the order of the rule set."""
        silent = zip(self.ruleset.rules, repeat(False), repeat(self._facts), strict=False)
        verdicts = [*map(tuple.__new__, repeat(Verdict), silent)]
        for verdict in self.spoken:
            verdicts[verdict.rule.priority - 1] = verdict
        return tuple(verdicts)

    @cached_property
    def reasons(self) -> tuple[Verdict, ...]:
        """The verdicts that led to the outcome: rejects first, then referrals, each by priority."""
        told: dict[str, list[Verdict]] = {"reject": [], "refer": [], "approve": [], "": []}
        for verdict in self.spoken:
            told[verdict.effect].append(verdict)
        return (*told["reject"], *told["refer"])

    @property
    def customer_reasons(self) -> tuple[str, ...]:
        """The principal reasons in the customer's words, each said once."""
        return tuple(dict.fromkeys(verdict.customer_reason for verdict in self.reasons))[
            :PRINCIPAL_REASONS_MAX
        ]

    @property
    def derived(self) -> Mapping[str, Any]:
        """Every derived value; None for what could not be worked out."""
        return MappingProxyType({name: _known(self._facts[name]) for name in self.ruleset.derived})

    @property
    def offer(self) -> Mapping[str, Any] | None:
        """What may be offered; None after a reject, when a term is unknown, and where nothing is offered."""
        terms = {name: self._facts[name] for name in self.ruleset.offer}
        unknown = any(type(value) is Unknown for value in terms.values())
        return None if self.outcome == REJECT or unknown or not terms else MappingProxyType(terms)

    @property
    def inputs(self) -> Mapping[str, Any]:
        return MappingProxyType(self._inputs(self._facts))

    def _inputs(self, written: Mapping[str, Any]) -> dict[str, Any]:
        """What was supplied, by name, as it is written; what could not be read with why."""
        facts, inputs = self._facts, {}
        for name in sorted(self.ruleset.dictionary):
            value = facts[name]
            if type(value) is not Unknown:
                inputs[name] = written[name]
            elif not value.absent:
                inputs[name] = {"unreadable": value.why}
        return inputs

    def as_dict(self) -> dict[str, Any]:
        """The decision as JSON can keep it: decimals and dates as text, unknown as null."""
        ruleset, facts = self.ruleset, {name: canonical(value) for name, value in self._facts.items()}
        return {
            "outcome": self.outcome,
            "ruleset": {"brand": ruleset.brand, "name": ruleset.name, "hash": ruleset.hash},
            "inputs": self._inputs(facts),
            "ignored_inputs": list(self.ignored_inputs),
            "derived": {name: facts[name] for name in sorted(ruleset.derived)},
            "offer": self.offer and {name: facts[name] for name in ruleset.offer},
            "reasons": [verdict.rule_id for verdict in self.reasons],
            "customer_reasons": list(self.customer_reasons),
            "verdicts": [verdict.written(facts) for verdict in self.verdicts],
        }

    def as_bytes(self) -> bytes:
        """The canonical bytes: UTF-8 JSON with sorted keys. Equal decisions have equal bytes."""
        text = json.dumps(self.as_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode("utf-8")


def _known(value: Any) -> Any:
    return None if type(value) is Unknown else value
