"""What is worked out of a value, remembered for the next time that the value comes."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from rules.language.values import Unknown

VALUES_MAX = 512


class Memory(dict):
    """`memory[value]` is what `work_out(value)` gives, worked out once a value.

    Meant for inputs of few values: text, yes or no, counts. After VALUES_MAX values nothing new is remembered,
    nor is ever what could not be read: of that there is no end, and each of it is an Unknown of its own.
    """

    __slots__ = ("_work_out",)

    def __init__(self, work_out: Callable[[Any], Any]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, value: Hashable) -> Any:
        result = self._work_out(value)
        if len(self) < VALUES_MAX and not _unreadable(value) and not _unreadable(result):
            self[value] = result
        return result


def _unreadable(value: Any) -> bool:
    return type(value) is Unknown and not value.absent
