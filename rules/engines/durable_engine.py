"""The durable-rules engine inside a harness that holds.

We talk to `durable_rules_engine`, the C half of durable-rules: the network of rules, the matching
and the agenda are its own. Its Python half (`durable.engine.Host`) stays out, because it starts two
timer threads that enter the C code with no lock, swallows exceptions in a rule's action, and cannot
free a rule set. Without it there are no actions at all: the agenda tells which rules fire, and
their names are the answer.

Known faults of durable-rules 2.0.28, and what stands against each:

    64 conditions may match side by side  counted beforehand (durable_limits); a fact with more operands
                                          than that goes to several small networks instead of one
    512 rules fail or hang                at most 200 rules a network, each of them two of durable's
    a clean applicant raises              one rule is always true, and its silence is an engine fault
    exponents, NaN, text, $nex            the fact holds small whole numbers only (durable_conditions)
    254 keys                              at most 200 operands a network
    two threads can crash the process     one lock a process around every call
    a repeated or colliding fact          each fact has its own id and is retracted after its decision
    1,024 states end in MemoryError       one state a network; deleted after STATE_USES facts or any fault
    a name cannot be registered twice     registered as brand/name@hash, freed when REGISTERED_MAX are in use

A new state costs 45 us, a fact in a warm one 5 to 15: that is why a state serves many decisions.
"""

from __future__ import annotations

import json
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

import durable_rules_engine as durable

from rules.engines.durable_conditions import ALWAYS, Part
from rules.engines.durable_limits import room, tree
from rules.language.errors import EngineFault
from rules.language.ruleset import Facts, Rule, Ruleset

RULES_MAX = 200
OPERANDS_MAX = 200
STATE_USES = 500
REGISTERED_MAX = 64
_ANSWERED = "-"
_MATCHED = 0

_lock = threading.Lock()
_registered: OrderedDict[tuple[str, str, str], Registered] = OrderedDict()
_serial = count(1)


class Answer(NamedTuple):
    """The ids of the rules that hit, and of those that could not be evaluated."""

    hits: set[str]
    unknown: set[str]


def match(ruleset: Ruleset, facts: Facts) -> Answer:
    """What durable-rules says of the facts. EngineFault when it fails or does not answer."""
    with _lock:
        fired = _registration(ruleset).fire(facts)
    answer = Answer(set(), set())
    for name in fired:
        rule, unknown, _ = name.partition("?")
        answer[bool(unknown)].add(rule)
    return answer


def registered() -> int:
    """How many rule sets are registered in this process."""
    return len(_registered)


def _registration(ruleset: Ruleset) -> Registered:
    key = (ruleset.brand, ruleset.name, ruleset.hash)
    known = _registered.get(key)
    if known is None:
        known = _registered[key] = Registered(ruleset)
        while len(_registered) > REGISTERED_MAX:
            _registered.popitem(last=False)[1].free()
    else:
        _registered.move_to_end(key)
    return known


class Registered:
    """A rule set in durable: whole for the facts that fit, and in parts, made at need, for the rest."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.ruleset = ruleset
        self.whole = self._whole()
        self.parts: list[Network] | None = None

    def _whole(self) -> Network | None:
        rules = self.ruleset.rules
        part = self._part(rules)
        fits = len(rules) <= RULES_MAX and room(tree(part.conditions.values())) > 0
        return Network(f"{self.ruleset.label}#whole", part) if fits else None

    def fire(self, facts: Facts) -> list[str]:
        """The names of the rules that fire on the facts."""
        if self.whole:
            operands = self.whole.operands(facts)
            if operands.count(":") <= self.whole.room:
                return self.whole.fire(operands)
        if self.parts is None:
            self.parts = [
                Network(f"{self.ruleset.label}#{index}", part)
                for index, part in enumerate(self._small_parts())
            ]
        return [name for part in self.parts for name in part.fire(part.operands(facts))]

    def _part(self, rules: tuple[Rule, ...]) -> Part:
        return Part(rules, self.ruleset.parameters, self.ruleset.dictionary)

    def _small_parts(self) -> Iterator[Part]:
        """The rules in parts that hold any fact at all."""
        rules, size = self.ruleset.rules, RULES_MAX
        while rules:
            size = min(len(rules), size)
            while not _holds(part := self._part(rules[:size])) and size > 1:
                size //= 2
            yield part
            rules = rules[size:]

    def free(self) -> None:
        for network in (self.whole, *(self.parts or ())):
            if network:
                network.free()


def _holds(part: Part) -> bool:
    return len(part.keys) <= min(OPERANDS_MAX, room(tree(part.conditions.values())))


class Network:
    """One part registered with durable: facts go in, names of rules come out."""

    def __init__(self, name: str, part: Part) -> None:
        conditions = {_ANSWERED: ALWAYS, **part.conditions}
        rules = {rule: {"all": [{"m": condition}]} for rule, condition in conditions.items()}
        try:
            self.handle = durable.create_ruleset(name, json.dumps(rules))
        except Exception as error:  # the C half raises bare Exception subclasses of its own
            raise EngineFault(f"durable-rules refuses {name}: {error}") from error
        self.operands = part.operands
        self.room = min(OPERANDS_MAX, room(tree(conditions.values())) - 1)  # one is "always"
        self.state, self.uses = "", 0

    def fire(self, operands: str) -> list[str]:
        """The names of the rules that fire on a fact of these operands."""
        if self.uses >= STATE_USES:
            self._forget()
        if not self.uses:
            self.state = f"s{next(_serial)}"
        self.uses += 1
        fact = f'{{{operands}"always":1,"sid":"{self.state}","id":"{self.uses}"}}'
        try:
            fired = self._fire(fact)
            durable.retract_fact(self.handle, fact)
        except BaseException as error:
            self._forget()
            raise EngineFault(f"durable-rules failed: {error}") from error
        return fired

    def _fire(self, fact: str) -> list[str]:
        result, state = durable.assert_fact(self.handle, fact)
        if result != _MATCHED:
            raise EngineFault(f"no answer to a fact, code {result}")
        fired = []
        action = durable.start_action_for_state(self.handle, state)
        message = action[1] if action else ""
        while message:
            # {"RULE":{"m":{...}}}: the name is all that is wanted of a message of a kilobyte.
            fired.append(message[2 : message.index('"', 2)])
            message = durable.complete_and_start_action(self.handle, state)
        if _ANSWERED not in fired:
            raise EngineFault("the rule that is always true did not fire")
        fired.remove(_ANSWERED)
        return fired

    def _forget(self) -> None:
        if self.uses:
            self.uses = 0
            durable.delete_state(self.handle, self.state)

    def free(self) -> None:
        self._forget()
        durable.delete_ruleset(self.handle)


def _after_fork() -> None:
    """A child process starts afresh: the lock may have been held by a thread that it does not have."""
    global _lock
    _lock = threading.Lock()
    _registered.clear()


os.register_at_fork(after_in_child=_after_fork)
