"""The durable-rules engine inside a harness that holds.

We talk to `durable_rules_engine`, the C half of durable-rules: the network of rules, the matching
and the agenda are its own. Its Python half (`durable.engine.Host`) stays out, because it starts two
timer threads that enter the C code with no lock, swallows exceptions in a rule's action, and cannot
free a rule set. Without it there are no actions at all: the agenda tells which rules fire, and
their names are the answer.

Known faults of durable-rules 2.0.28, and what stands against each:

    64 rules may fire on one fact         a fact on which more than 60 fire goes to parts of 60 rules each;
                                          a rule is either a hit or unknown, never both
    a clean applicant raises              one rule is always true, and its silence is an engine fault
    exponents, NaN, text, $nex            the fact holds whole numbers only (see durable_conditions)
    254 keys, 512 rules                   a part has at most 200 operands and 200 rules
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
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

import durable_rules_engine as durable

from rules.durable_conditions import ALWAYS, Part
from rules.errors import EngineFault
from rules.ruleset import Facts, Ruleset

FIRING_MAX = 60
RULES_MAX = 200  # each is two durable rules: it hits, or it cannot be evaluated
OPERANDS_MAX = 200
STATE_USES = 500
NETWORKS_MAX = 64
_ANSWERED = "-"
_MATCHED = 0

_lock = threading.Lock()
_registered: OrderedDict[tuple[str, str, str, int], list[Network]] = OrderedDict()
_serial = count(1)


class Answer(NamedTuple):
    """The ids of the rules that hit, and of those that could not be evaluated."""

    hits: frozenset[str]
    unknown: frozenset[str]


def match(ruleset: Ruleset, facts: Facts, firing: int) -> Answer:
    """What durable-rules says of the facts. EngineFault when it fails or does not answer.

    `firing` is how many rules are expected to speak. It only chooses between one network and
    several smaller ones; if it is too low, durable fails loudly and nothing is decided.
    """
    with _lock:
        networks = _networks(ruleset, RULES_MAX if firing < FIRING_MAX else FIRING_MAX)
        fired = [name for network in networks for name in network.fire(facts)]
    unknown = frozenset([name.partition("?")[0] for name in fired if "?" in name])
    return Answer(frozenset([name for name in fired if "?" not in name]), unknown)


def registered() -> int:
    """How many rule sets are registered in this process."""
    return len(_registered)


def _networks(ruleset: Ruleset, rules_max: int) -> list[Network]:
    """The networks of a rule set in parts of at most `rules_max` rules, made at first use."""
    key = (ruleset.brand, ruleset.name, ruleset.hash, rules_max)
    networks = _registered.get(key)
    if networks is None:
        label = f"{ruleset.label}/{rules_max}"
        networks = [
            Network(f"{label}#{index}", part) for index, part in enumerate(_parts(ruleset, rules_max))
        ]
        _registered[key] = networks
        while len(_registered) > NETWORKS_MAX:
            for network in _registered.popitem(last=False)[1]:
                network.free()
    else:
        _registered.move_to_end(key)
    return networks


def _parts(ruleset: Ruleset, rules_max: int) -> Iterator[Part]:
    """The rules in parts that durable can hold. A rule set without rules is no part at all."""
    rules = list(ruleset.rules)
    while rules:
        size = min(len(rules), rules_max)
        while len((part := Part(rules[:size], ruleset.parameters)).readers) > OPERANDS_MAX and size > 1:
            size //= 2
        yield part
        rules = rules[size:]


class Network:
    """One part registered with durable: facts go in, names of rules come out."""

    def __init__(self, name: str, part: Part) -> None:
        conditions = {_ANSWERED: ALWAYS, **part.conditions}
        rules = {rule: {"all": [{"m": condition}]} for rule, condition in conditions.items()}
        try:
            self.handle = durable.create_ruleset(name, json.dumps(rules))
        except Exception as error:  # the C half raises bare Exception subclasses of its own
            raise EngineFault(f"durable-rules refuses {name}: {error}") from error
        self.readers = part.readers
        self.state, self.uses = "", 0

    def fire(self, facts: Facts) -> list[str]:
        """The names of the rules that fire on the facts."""
        if self.uses >= STATE_USES:
            self._forget()
        if not self.uses:
            self.state = f"s{next(_serial)}"
        self.uses += 1
        # Keys are ours and values small whole numbers: joined text is exact JSON at a third of the price.
        operands = "".join([read(facts) for read in self.readers])
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
