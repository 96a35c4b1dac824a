"""Decrypted financial information as text into a tree of dicts with lower-case keys, and single values out of it.

Hostile input ends here: size, depth, entities (a document that declares any is refused whole), text that is none.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from xml.etree import ElementTree

from pipelines.errors import EvidenceError
from pipelines.scalars import text_of

FI_BYTES_MAX = 32 * 1024 * 1024

Payload = str | bytes | Mapping[str, Any]
Node = dict[str, Any]


def parse(payload: Payload) -> Node:
    """The tree of a payload: XML or JSON text (possibly base64 once more), or parsed JSON. Raises EvidenceError."""
    tree = parse_any(payload)
    if not isinstance(tree, dict):
        raise EvidenceError("fiObject", "is not an object")
    return tree


def parse_any(payload: Any) -> Any:
    """The same, where the outermost thing may be a list."""
    if not isinstance(payload, str | bytes | Mapping | list):
        raise EvidenceError("fiObject", "is neither text nor an object")
    try:
        return _lowered(payload) if isinstance(payload, Mapping | list) else _parse_text(_text(payload))
    except RecursionError:
        raise EvidenceError("fiObject", "is nested too deeply") from None


def _text(payload: str | bytes) -> str:
    if len(payload) > FI_BYTES_MAX:
        raise EvidenceError("fiObject", f"is larger than {FI_BYTES_MAX} bytes")
    try:
        text = payload.decode("utf-8-sig") if isinstance(payload, bytes) else payload.removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise EvidenceError("fiObject", "is not UTF-8 text") from None
    return text.strip()


def _parse_text(text: str, *, may_be_base64: bool = True) -> Any:
    if text.startswith("<"):
        return _parse_xml(text)
    if text.startswith(("{", "[")):
        return _parse_json(text)
    if not may_be_base64:
        raise EvidenceError("fiObject", "is neither XML nor JSON")
    try:
        inner = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise EvidenceError("fiObject", "is neither XML, JSON nor base64 of them") from None
    return _parse_text(_text(inner), may_be_base64=False)


def _parse_json(text: str) -> Any:
    try:
        # Numbers stay text: a float would lose paise.
        return _lowered(json.loads(text, parse_float=str, parse_int=str))
    except json.JSONDecodeError as error:
        raise EvidenceError("fiObject", f"is not JSON (line {error.lineno})") from None


class _NoDoctype(ElementTree.TreeBuilder):
    """Entities are declared in a DOCTYPE; FI objects have none, so a document with one is refused whole."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise EvidenceError("fiObject", "declares a DOCTYPE")


def _parse_xml(text: str) -> Any:
    parser = ElementTree.XMLParser(target=_NoDoctype())
    try:
        root = ElementTree.fromstring(text, parser=parser)
    except (ElementTree.ParseError, ValueError) as error:
        if isinstance(error, EvidenceError):
            raise
        raise EvidenceError("fiObject", "is not well-formed XML") from None
    return {_local(root.tag): _element(root)}


def _element(element: ElementTree.Element) -> Any:
    node: dict[str, Any] = {_local(name): value for name, value in element.attrib.items()}
    if not node and not len(element):
        return (element.text or "").strip()
    for child in element:
        node.setdefault(_local(child.tag), []).append(_element(child))
    return node


def _local(name: str) -> str:
    return name.rpartition("}")[2].lower()


def _lowered(node: Any) -> Any:
    if isinstance(node, Mapping):
        return {str(key).lower(): _lowered(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [_lowered(item) for item in node]
    return node


def one(node: Any, field: str) -> dict[str, Any]:
    """The single object at a place where feeds write an object, a list of one, or nothing."""
    node = node[0] if isinstance(node, list) and node else node
    if node in (None, "", []):
        return {}
    if not isinstance(node, dict):
        raise EvidenceError(field, "is not an object")
    return node


def many(node: Any, field: str) -> list[dict[str, Any]]:
    """The objects at a place where feeds write a list, one object, or nothing."""
    items = node if isinstance(node, list) else [node]
    return [one(item, f"{field}[{index}]") for index, item in enumerate(items) if item not in (None, "")]


def scalar(node: dict[str, Any], name: str, parent: str) -> str | None:
    """The text of one attribute, spelt as in the schema; None where it is absent or blank."""
    return text_of(node.get(name.lower()), f"{parent}.{name}")


def amount_of(text: str | None, field: str) -> Decimal | None:
    """An amount in rupees, rounded half up to paise."""
    if text is None:
        return None
    try:
        amount = Decimal(text.replace(",", "")).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise EvidenceError(field, "is not an amount")
    return amount


def date_of(text: str | None, field: str) -> date | None:
    """The day of a date or a date and time."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise EvidenceError(field, "is not a date") from None
