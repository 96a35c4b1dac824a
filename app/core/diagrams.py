"""A state machine drawn from its table, and told as one."""

from collections.abc import Callable

from app.core.identity import Role
from app.core.states import StateMachine


def mermaid(machine: StateMachine) -> str:
    """As a mermaid state diagram."""
    arrows = [f"    {source} --> {target}" for source, target in machine.steps]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {machine.initial}", *arrows]) + "\n"


def dot(machine: StateMachine) -> str:
    """For Graphviz, each arrow with who may take it."""
    arrows = [
        f'  {source} -> {target} [label="{", ".join(_roles(step.by))}"];'
        for (source, target), step in machine.steps.items()
    ]
    head = f"digraph {machine.entity} {{"
    return "\n".join([head, "  node [shape=box];", f"  {machine.initial} [penwidth=2];", *arrows, "}"]) + "\n"


def table(machine: StateMachine) -> str:
    """As a Markdown table: from, to, who may."""
    rows = [
        f"| {source} | {target} | {', '.join(_roles(step.by))} |"
        for (source, target), step in machine.steps.items()
    ]
    return "\n".join(["| from | to | by |", "|---|---|---|", *rows]) + "\n"


def _roles(by: frozenset[Role]) -> list[str]:
    return [role.value for role in Role if role in by]


FORMATS: dict[str, Callable[[StateMachine], str]] = {"mermaid": mermaid, "dot": dot, "table": table}
