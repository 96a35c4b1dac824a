"""The inputs of one application, as callers supply them, become facts in exact form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rules.language.dictionary import NUMERIC, Dictionary, Feature
from rules.language.values import ARITHMETIC, absent

_quantize = ARITHMETIC.quantize


class Intake:
    """Reads inputs: a call returns the facts, and the names that the dictionary does not know.

    `Feature.normalise` says what a value means. A value that is as it should be is seen to be so right
    here, in one loop for each type of input; a decision reads some seventy of them.
    """

    def __init__(self, dictionary: Dictionary) -> None:
        self._absent = {name: absent(name) for name in dictionary}
        of_type: dict[str, list[Feature]] = {}
        for feature in dictionary.values():
            of_type.setdefault(feature.type, []).append(feature)
        self._integers = [
            (f.name, math.ceil(f.minimum), math.floor(f.maximum), f.normalise)
            for f in of_type.pop("integer", [])
        ]
        self._texts = [(f.name, f.values, f.normalise) for f in of_type.pop("text", [])]
        self._booleans = [(f.name, f.normalise) for f in of_type.pop("boolean", [])]
        self._decimals = [
            (f.name, f.minimum, f.maximum, Decimal(0).scaleb(-places), f.normalise)
            for kind, places in NUMERIC.items()
            for f in of_type.pop(kind, [])
        ]
        self._others = [(f.name, f.normalise) for features in of_type.values() for f in features]

    def __call__(self, features: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        facts, supplied = self._absent.copy(), features.get
        for name, low, high, normalise in self._integers:
            raw = supplied(name)
            if type(raw) is int and low <= raw <= high:
                facts[name] = raw
            elif raw is not None:
                facts[name] = normalise(raw)
        for name, values, normalise in self._texts:
            raw = supplied(name)
            if type(raw) is str and raw in values:
                facts[name] = raw
            elif raw is not None:
                facts[name] = normalise(raw)
        for name, normalise in self._booleans:
            raw = supplied(name)
            if raw is True or raw is False:
                facts[name] = raw
            elif raw is not None:
                facts[name] = normalise(raw)
        for name, low, high, zero, normalise in self._decimals:
            raw = supplied(name)
            try:
                fits = type(raw) is Decimal and low <= raw <= high
            except ArithmeticError:  # NaN cannot be compared
                fits = False
            if fits:
                facts[name] = _quantize(raw, zero) or zero  # never a negative zero: equal inputs look equal
            elif raw is not None:
                facts[name] = normalise(raw)
        for name, normalise in self._others:
            raw = supplied(name)
            if raw is not None:
                facts[name] = normalise(raw)
        unknown = () if features.keys() <= facts.keys() else features.keys() - facts.keys()
        return facts, [ascii(name)[1:-1] for name in unknown]
