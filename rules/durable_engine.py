"""The durable-rules engine inside a harness that holds.

We talk to `durable_rules_engine`, the C half of durable-rules: the network of rules, the matching
and the agenda are its own. Its Python half (`durable.engine.Host`) stays out, because it starts two
timer threads that enter the C code with no lock, swallows exceptions in a rule's action, and cannot
free a rule set. Without it there are no actions at all: the agenda tells which rules fire, and
their names are the answer.

Known faults of durable-rules 2.0.28, and what stands against each:

    64 rules may fire on one fact         parts of 60 rules; a rule is either a hit or unknown, never both
    a clean applicant raises              one rule is always true, and its silence is an engine fault
    exponents, NaN, text, absent keys     the fact holds whole numbers only (see durable_conditions)
    254 keys                              one part with more than 200 operands is split further
    two threads can crash the process     one lock a process around every call
    a repeated or colliding fact          each fact has its own id and is retracted after its decision
    1,024 states end in MemoryError       one state a part; it is deleted after STATE_USES facts or any fault
    a name cannot be registered twice     registered as brand/name@hash, freed when NETWORKS_MAX are in use

A new state costs 45 us, a fact in a warm one 15 us: that is why a state serves many decisions.
"""

from __future__ import annotations

import json
import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from itertools import count
from typing import NamedTuple

import durable_rules_engine as durable

from rules.durable_conditions import Condition, Operands
from rules.errors import EngineFault
from rules.ruleset import Facts, Rule, Ruleset

RULES_MAX = 60
OPERANDS_MAX = 200
STATE_USES = 500
NETWORKS_MAX = 64
_ANSWERED = "-"
_MATCHED = 0

_lock = threading.Lock()
_networks: OrderedDict[tuple[str, str, str], list[Network]] = OrderedDict()
_serial = count(1)


class Answer(NamedTuple):
    """The ids of the rules that hit, and of those that could not be evaluated."""

    hits: frozenset[str]
    unknown: frozenset[str]


def match(ruleset: Ruleset, facts: Facts) -> Answer:
    """What durable-rules says of the facts. EngineFault when it fails or does not answer."""
    with _lock:
        fired = {name for network in _registered(ruleset) for name in network.fire(facts)}
    unknown = frozenset(name[:-1] for name in fired if name.endswith("?"))
    return Answer(frozenset(name for name in fired if not name.endswith("?")), unknown)


def registered() -> int:
    """How many rule sets are registered in this process."""
    return len(_networks)


def _registered(ruleset: Ruleset) -> list[Network]:
    key = (ruleset.brand, ruleset.name, ruleset.hash)
    networks = _networks.get(key)
    if networks is None:
        networks = _networks[key] = [
            Network(f"{ruleset.label}#{index}", part) for index, part in _parts(ruleset)
        ]
        while len(_networks) > NETWORKS_MAX:
            for network in _networks.popitem(last=False)[1]:
                network.free()
    else:
        _networks.move_to_end(key)
    return networks


class Part(NamedTuple):
    """Some rules of a rule set with the operands that they ask for."""

    conditions: dict[str, Condition]
    readers: dict[str, Callable[[Facts], int]]


def _parts(ruleset: Ruleset) -> list[tuple[int, Part]]:
    """The rules in parts that durable can hold. A rule set without rules is no part at all."""
    parts, rules = [], list(ruleset.rules)
    while rules:
        size = min(len(rules), RULES_MAX)
        while len((part := _part(ruleset, rules[:size])).readers) > OPERANDS_MAX and size > 1:
            size //= 2
        parts.append(part)
        rules = rules[size:]
    return list(enumerate(parts))


def _part(ruleset: Ruleset, rules: list[Rule]) -> Part:
    operands = Operands(ruleset.dictionary, ruleset.parameters)
    conditions = {_ANSWERED: {"always": 1}}
    for rule in rules:
        cases = operands.conditions(rule.when)
        conditions[rule.id] = cases.true
        conditions[f"{rule.id}?"] = cases.unknown
    return Part(conditions, operands.readers)


class Network:
    """One part registered with durable: facts go in, names of rules come out."""

    def __init__(self, name: str, part: Part) -> None:
        rules = {rule: {"all": [{"m": condition}]} for rule, condition in part.conditions.items()}
        try:
            self.handle = durable.create_ruleset(name, json.dumps(rules))
        except Exception as error:  # the C half raises bare Exception subclasses of its own
            raise EngineFault(f"durable-rules refuses {name}: {error}") from error
        self.readers = tuple(part.readers.values())
        operands = "".join(f',"{key}":%d' for key in part.readers)
        # Every operand is a whole number, so a template is exact JSON at a third of the price.
        self.template = f'{{"sid":"%s","id":"%d","always":1{operands}}}'
        self.state, self.uses = "", 0

    def fire(self, facts: Facts) -> list[str]:
        """The names of the rules that fire on the facts."""
        if self.uses >= STATE_USES:
            self._forget()
        if not self.uses:
            self.state = f"s{next(_serial)}"
        self.uses += 1
        values = [read(facts) for read in self.readers]
        fact = self.template % (self.state, self.uses, *values)
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
    _networks.clear()


os.register_at_fork(after_in_child=_after_fork)
