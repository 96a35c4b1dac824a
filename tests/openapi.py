"""The API's own description as tests read it: what an endpoint takes, and a body that it would take."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

Schema = dict[str, Any]
_TEXTS = {
    "uuid": lambda: str(uuid4()),
    "date": lambda: "2026-01-15",
    "date-time": lambda: "2030-01-15T10:00:00+05:30",
    "email": lambda: "a@example.com",
}


class Document:
    """An OpenAPI document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.paths, self._schemas = document["paths"], document["components"]["schemas"]

    def operation(self, method: str, rule: str) -> dict[str, Any]:
        """The operation behind a route of Flask."""
        return self._path(rule)[method.lower()]

    def _path(self, rule: str) -> dict[str, Any]:
        return self.paths[re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)]

    def query(self, method: str, rule: str) -> Iterator[tuple[str, Schema]]:
        """The parameters of the query: name and schema."""
        yield from ((p["name"], p["schema"]) for p in self._parameters(method, rule))

    def needed(self, method: str, rule: str) -> Schema:
        """A value for each parameter that the query must have."""
        needed = (p for p in self._parameters(method, rule) if p.get("required"))
        return {p["name"]: self.example(p["schema"]) for p in needed}

    def _parameters(self, method: str, rule: str) -> list[dict[str, Any]]:
        listed = self.operation(method, rule).get("parameters", []) + self._path(rule).get("parameters", [])
        return [p for p in listed if p.get("in") == "query"]

    def body(self, method: str, rule: str) -> tuple[str, Schema] | None:
        """The type of the body and its schema, with every property in it."""
        content = self.operation(method, rule).get("requestBody", {}).get("content", {})
        return next(((kind, self.resolved(c["schema"])) for kind, c in content.items()), None)

    def resolved(self, schema: Schema) -> Schema:
        """A schema without references at its top."""
        if "$ref" in schema:
            return self._schemas[schema["$ref"].rpartition("/")[2]]
        if "allOf" in schema:
            return {key: value for part in schema["allOf"] for key, value in self.resolved(part).items()} | {
                key: value for key, value in schema.items() if key != "allOf"
            }
        return schema

    def example(self, schema: Schema) -> Any:
        """The least that a schema takes: required properties alone."""
        schema = self.resolved(schema)
        if "example" in schema:
            return schema["example"]
        if schema.get("enum"):
            return schema["enum"][0]
        kind = schema.get("type")
        if kind == "object":
            needed = schema.get("required", ())
            return {
                name: self.example(s) for name, s in schema.get("properties", {}).items() if name in needed
            }
        if kind == "array":
            return [self.example(schema["items"]) for _ in range(schema.get("minItems", 0))]
        if kind in ("integer", "number"):
            return schema.get("minimum", 1)
        if kind == "boolean":
            return True
        return _TEXTS.get(schema.get("format", ""), lambda: "text that is long enough")()
