"""The durable-rules engine inside a harness that holds.

We talk to `durable_rules_engine`, the C half of durable-rules: the network of rules, the matching
and the agenda are its own. Its Python half (`durable.engine.Host`) stays out, because it starts two
timer threads that enter the C code with no lock, swallows exceptions in a rule's action, and cannot
free a rule set. Without it there are no actions at all: the agenda tells which rules fire, and
their names are the answer. `tests/rules/test_durable_faults.py` shows the faults and that they are survived.

Known faults of durable-rules 2.0.28, and what stands against each:

    64 conditions may match side by side  counted beforehand (durable_limits); a fact with more operands
                                          than that goes to several small networks instead of one
    512 rules fail or hang                at most 200 rules a network, each of them two of durable's
    a clean applicant raises              one rule is always true, and its silence is an engine fault
    exponents, NaN, text, $nex            the fact holds small whole numbers only (durable_conditions)
    a division by 0 ends the process      nothing is reckoned in durable
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
from collections.abc import Iterator, Mapping
from functools import reduce
from itertools import count
from operator import or_

import durable_rules_engine as durable

from rules.engines.durable_conditions import ALWAYS, Part
from rules.engines.durable_limits import operands_max, tree
from rules.language.errors import EngineFault
from rules.language.ruleset import Facts, Rule, Ruleset

RULES_MAX = 200
OPERANDS_MAX = 200
STATE_USES = 500
REGISTERED_MAX = 64
FIRST_NAME = 1000
NAME = slice(2, 6)
_ANSWERED = "true"
_MATCHED = 0

_lock = threading.Lock()
_registered: OrderedDict[tuple[str, str, str], Registered] = OrderedDict()
_serial = count(1)


def match(ruleset: Ruleset, facts: Facts) -> tuple[int, int]:
    """What durable-rules says of the facts: the rules that hit, and those that cannot be evaluated, as bits
    in the order of the rules. EngineFault when it fails or does not answer.
    """
    with _lock:
        fired = _registration(ruleset).fire(facts)
    count = len(ruleset.rules)
    return fired & ((1 << count) - 1), fired >> count


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
        fits = len(rules) <= RULES_MAX and room(part) > 0
        return self._network("whole", part) if fits else None

    def fire(self, facts: Facts) -> int:
        """The bits of the rules that hit and, further up, of those that cannot be evaluated."""
        if self.whole:
            operands = self.whole.operands(facts)
            if operands.count(":") <= self.whole.room:
                return self.whole.fire(operands)
        if self.parts is None:
            self.parts = [self._network(str(i), part) for i, part in enumerate(self._small_parts())]
        return reduce(or_, [part.fire(part.operands(facts)) for part in self.parts], 0)

    def _network(self, name: str, part: Part) -> Network:
        rules = self.ruleset.rules
        bits = {(rule.id, False): 1 << index for index, rule in enumerate(rules)}
        bits |= {(rule.id, True): 1 << index for index, rule in enumerate(rules, len(rules))}
        return Network(f"{self.ruleset.label}#{name}", part, bits)

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
    return len(part.keys) <= min(OPERANDS_MAX, room(part))


def room(part: Part) -> int:
    """How many operands a fact may have, beside the one that is always there."""
    return operands_max(tree([ALWAYS, *(condition for _, _, condition in part.conditions)])) - 1


class Network:
    """One part registered with durable: facts go in, the bits of rules come out.

    `bits` are by rule id and whether the rule could not be evaluated. Several of durable's rules may stand
    for one of ours; each has a name of four letters, so that the name of one that fires is cut out
    of durable's message by its place.
    """

    def __init__(self, name: str, part: Part, bits: Mapping[tuple[str, bool], int]) -> None:
        conditions = [condition for _, _, condition in part.conditions]
        names = [str(FIRST_NAME + index) for index in range(len(conditions))]
        rules = {_ANSWERED: ALWAYS, **dict(zip(names, conditions, strict=True))}
        asked = {rule: {"all": [{"m": condition}]} for rule, condition in rules.items()}
        try:
            self.handle = durable.create_ruleset(name, json.dumps(asked))
        except Exception as error:  # the C half raises bare Exception subclasses of its own
            raise EngineFault(f"durable-rules refuses {name}: {error}") from error
        self.bits = {
            name: bits[rule, unknown] for name, (rule, unknown, _) in zip(names, part.conditions, strict=True)
        }
        self.operands = part.operands
        self.room = min(OPERANDS_MAX, room(part))
        self.state, self.uses = "", 0

    def fire(self, operands: str) -> int:
        """The bits of the rules that fire on a fact of these operands."""
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

    def _fire(self, fact: str) -> int:
        result, state = durable.assert_fact(self.handle, fact)
        if result != _MATCHED:
            raise EngineFault(f"no answer to a fact, code {result}")
        action = durable.start_action_for_state(self.handle, state)
        message = action[1] if action else ""
        if message[NAME] != _ANSWERED:  # the first of the rules, it always fires
            raise EngineFault("the rule that is always true did not fire")
        handle, bits, following, fired = self.handle, self.bits, durable.complete_and_start_action, 0
        while message := following(handle, state):
            fired |= bits[message[NAME]]  # {"1234":{"m":{...}}}
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
