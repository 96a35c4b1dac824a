"""Every endpoint of the application: where it is, who may call it, what it does."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask

# served by flask-smorest itself: the OpenAPI document and its page
_DOCUMENTATION = ("api-docs.", "static")


@dataclass(frozen=True, order=True)
class Endpoint:
    """`access` is what its decorator of `app.access` asks for; None would be a hole."""

    path: str
    method: str
    access: str | None
    summary: str


def endpoints(app: Flask) -> list[Endpoint]:
    """All endpoints, by path."""
    return sorted(_endpoints(app))


def _endpoints(app: Flask) -> Iterator[Endpoint]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(_DOCUMENTATION):
            continue
        view_class = app.view_functions[rule.endpoint].view_class
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            view = getattr(view_class, method.lower())
            yield Endpoint(rule.rule, method, getattr(view, "access", None), _summary(view.__doc__))


def _summary(docstring: str | None) -> str:
    return (docstring or "").strip().split("\n\n")[0].replace("\n", " ").replace("  ", "")


def table(app: Flask) -> str:
    """The endpoints as a table in Markdown."""
    lines = ["| | path | who | what |", "|---|---|---|---|"]
    for e in endpoints(app):
        path = e.path.replace("uuid:", "").replace("path:", "")
        lines.append(f"| {e.method} | `{path}` | {e.access} | {e.summary} |")
    return "\n".join(lines)
