"""What all of the HTTP API shares: the schema base, the error shape, pagination.

Errors are always ``{"error": {"code", "message", "requestId", "fields"?, "details"?}}``: `code` is for
programs, `message` for people, `fields` maps a field (camelCase) to what is wrong with it.
Lists are always ``{"items": [...], "pagination": {"page", "pageSize", "total", "pages"}}``.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from json import JSONDecodeError
from typing import Any, ClassVar, NamedTuple

import marshmallow as ma
import structlog
from flask import Flask, Request, Response, current_app, json, request
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Api, Blueprint, abort
from flask_smorest.fields import Upload
from peewee import Field, ModelSelect
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import HTTPException

from app.core import json_text
from app.core.clock import FIRST_DAY, LAST_DAY
from app.core.errors import DomainError, Invalid

log = structlog.get_logger()
PAGE_SIZE_MAX = 100


class _Arguments(FlaskParser):
    """Reads what a request brings, its JSON as the application does."""

    # a misspelt filter is refused like any other unknown field, instead of listing everything, and so is a file
    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar = {
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
        "files": ma.RAISE,
    }

    def _makeproxy(self, multidict: MultiDict, schema: ma.Schema, **kwargs: Any) -> MultiDictProxy:
        """Of what was sent, nothing is left out in silence: a second value, or a second file, of what takes one."""
        proxy = super()._makeproxy(multidict, schema, **kwargs)
        once = {field.data_key for field in schema.fields.values()} - proxy.multiple_keys
        if twice := [name for name, values in multidict.lists() if name in once and len(values) > 1]:
            raise ma.ValidationError({name: ["Given more than once."] for name in twice})
        return proxy

    def load_json(self, req: Request, schema: ma.Schema) -> Any:
        text = req.get_data(cache=True)
        if not req.is_json or not text:
            return ma.missing
        try:
            return current_app.json.loads(text)
        except (JSONDecodeError, UnicodeDecodeError):
            abort(400, messages={"json": ["Invalid JSON body."]})
        except ValueError as error:
            abort(400, messages={"json": [str(error)]})


Blueprint.ARGUMENTS_PARSER = _Arguments()


def camel(name: str) -> str:
    """``salary_date_1`` is ``salaryDate1``."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


class Schema(ma.Schema):
    """Over the wire: camelCase outside, snake_case inside, an unknown key is refused by name."""

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field) -> None:
        field_obj.data_key = field_obj.data_key or camel(field_name)
        _add_checks(field_obj)


def _add_checks(field: ma.fields.Field) -> None:
    """To a field, and to those that a list or an object is made of."""
    for part in ("inner", "key_field", "value_field"):
        if inner := getattr(field, part, None):
            _add_checks(inner)
    for kind, checks in _CHECKS.items():
        if isinstance(field, kind):
            # fields are copied with the lists in them
            field.pre_load += [check for check in checks.before if check not in field.pre_load]
            field.validators += [check for check in checks.after if check not in field.validators]
    if _wants_words(field) and _says_something not in field.validators:
        field.validators.append(_says_something)


def _plain(value: Any) -> Any:
    """A number is written in plain digits; Python would read "1_000" and "\u0665" as well."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ma.ValidationError("Not a number such as 1500 or 12.50.")
    return value


def _whole(value: Any) -> Any:
    """Nor is anything cut off to make it an integer."""
    is_odd = isinstance(value, str) and not _INTEGER.fullmatch(value)
    if is_odd or (isinstance(value, Decimal) and value != value.to_integral_value()):
        raise ma.ValidationError("Not a valid integer.")
    return value


def _storable(text: str) -> None:
    """PostgreSQL keeps no NUL, and UTF-8 no half of a surrogate pair; nobody types the controls, and those that turn
    the direction of writing make a text look like another one."""
    if not text.isprintable() and _NO_TEXT.search(text):
        raise ma.ValidationError("Contains characters that are not text.")


def _named_in_text(file: FileStorage) -> None:
    """Nor do they name a file so."""
    _storable(file.filename or "")


def _wants_words(field: ma.fields.Field) -> bool:
    lengths = (check for check in field.validators if isinstance(check, ma.validate.Length))
    return isinstance(field, ma.fields.String) and any(length.min for length in lengths)


def _says_something(text: str) -> None:
    if text.isspace():
        raise ma.ValidationError("Says nothing.")


def _in_a_zone(moment: datetime) -> None:
    """Nor an instant in a zone that is nowhere, or one before the first or after the last year."""
    try:
        moment.astimezone(UTC)
    except OverflowError:
        raise ma.ValidationError("Is no instant of the years 1 to 9999.") from None
    if abs(moment.utcoffset()) >= _ZONES_END:
        raise ma.ValidationError("No zone is that far from UTC.")


def _in_the_calendar(day: date) -> None:
    """Nor a day that has none before or after it, where every sum of days ends."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ma.ValidationError(f"From {FIRST_DAY} to {LAST_DAY}.")


_ZONES_END = timedelta(hours=16)
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_NUMBER = re.compile(_INTEGER.pattern + r"(\.[0-9]+)?", re.ASCII)
# tabs and ends of lines are text
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class _Checks(NamedTuple):
    """Of what was sent, and of what was read from it."""

    before: tuple[Callable[[Any], Any], ...] = ()
    after: tuple[Callable[[Any], None], ...] = ()


_CHECKS = {
    ma.fields.String: _Checks(after=(_storable,)),
    Upload: _Checks(after=(_named_in_text,)),
    ma.fields.AwareDateTime: _Checks(after=(_in_a_zone,)),
    ma.fields.Date: _Checks(after=(_in_the_calendar,)),
    ma.fields.Integer: _Checks(before=(_whole,)),
    ma.fields.Decimal: _Checks(before=(_plain,)),
}


class Money(ma.fields.Decimal):
    """Rupees: "30000.00" going out; a string or an exact number coming in, at most two places.

    `minimum` is the least amount that is taken.
    """

    PATTERN = r"^-?[0-9]{1,12}(\.[0-9]{1,2})?$"

    def __init__(self, *, minimum: Decimal | int | None = None, **kwargs: Any) -> None:
        self.minimum = minimum
        least = {} if minimum is None else {"description": f"at least {minimum}"}
        metadata = {"example": "30000.00", **least, **kwargs.pop("metadata", {})}
        super().__init__(as_string=True, allow_nan=False, metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping | None, **kwargs: Any) -> Decimal:
        amount = super()._deserialize(value, attr, data, **kwargs)
        if amount.as_tuple().exponent < -2:
            raise ma.ValidationError("At most two decimal places.")
        if abs(amount) >= Decimal(10) ** 12:
            raise ma.ValidationError("Too large for an amount.")
        if self.minimum is not None and amount < self.minimum:
            raise ma.ValidationError(f"Must be at least {self.minimum}.")
        return amount

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else f"{Decimal(value):.2f}"


class Bounded(ma.fields.Decimal):
    """A number between two bounds that is no amount, such as a percentage; text going out, rounded to `places`."""

    def __init__(self, low: str, high: str, *, places: int = 2, **kwargs: Any) -> None:
        bounds = ma.validate.Range(min=Decimal(low), max=Decimal(high))
        # in the contract as numbers: taken from the range they would be text, which bounds nothing
        metadata = {"minimum": float(low), "maximum": float(high), **kwargs.pop("metadata", {})}
        super().__init__(
            places=places, as_string=True, allow_nan=False, validate=bounds, metadata=metadata, **kwargs
        )


class PageArgs(Schema):
    """The query of every list. `sort` is a field, with a minus for newest or largest first."""

    page = ma.fields.Integer(load_default=1, validate=ma.validate.Range(min=1, max=100_000))
    page_size = ma.fields.Integer(load_default=20, validate=ma.validate.Range(min=1, max=PAGE_SIZE_MAX))
    sort = ma.fields.String(load_default=None, allow_none=True)


class Pagination(Schema):
    page = ma.fields.Integer()
    page_size = ma.fields.Integer()
    total = ma.fields.Integer()
    pages = ma.fields.Integer()


class StateChangeOut(Schema):
    """A step that `app.core.states` wrote down."""

    from_state = ma.fields.String(allow_none=True)
    to_state = ma.fields.String()
    actor_id = ma.fields.String()
    actor_role = ma.fields.String()
    remark = ma.fields.String(allow_none=True)
    created_at = ma.fields.AwareDateTime()


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of a list of `item`."""
    fields = {"items": ma.fields.List(ma.fields.Nested(item)), "pagination": ma.fields.Nested(Pagination)}
    return type(f"{item.__name__.removesuffix('Schema')}Page", (Schema,), fields)


def paginate(
    query: ModelSelect,
    args: Mapping[str, Any],
    sortable: Mapping[str, Field | Any],
    *,
    tie: Field | None = None,
    total: int | None = None,
) -> dict[str, Any]:
    """One page of `query`. `sortable` maps the API's name of a field to its column; the first is the default.

    `tie` breaks ties: the id of the sorted column's table, unless it is given, as it must be for an expression.
    `total`: how many there are in all, where that is known and need not be counted.
    """
    page, size = args["page"], args["page_size"]
    total = query.count() if total is None else total
    rows = query.order_by(*_order(args.get("sort"), sortable, tie)).paginate(page, size)
    pagination = {"page": page, "page_size": size, "total": total, "pages": -(-total // size)}
    return {"items": list(rows), "pagination": pagination}


def _order(sort: str | None, sortable: Mapping[str, Field | Any], tie: Field | None) -> list[Any]:
    name = (sort or f"-{next(iter(sortable))}").removeprefix("-")
    if name not in sortable:
        raise Invalid(f"Sort by one of {', '.join(sortable)}.", field="sort")
    column = sortable[name]
    # the id breaks ties, so that no row is on two pages
    tie = tie or column.model.id
    return [column.asc(), tie.asc()] if sort and not sort.startswith("-") else [column.desc(), tie.desc()]


class JSONProvider(DefaultJSONProvider):
    """Numbers with a point are read as Decimal, exactly as written; bytes are UTF-8. Raises ValueError."""

    sort_keys = False

    def loads(self, text: str | bytes, **kwargs: Any) -> Any:
        # Python would take UTF-16 for JSON as well, whose depth nobody looked at
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        exactly = {"parse_float": json_text.fraction, "parse_int": json_text.whole}
        return super().loads(text, object_pairs_hook=json_text.named_once, **exactly, **kwargs)


def error_body(code: str, message: str, **more: Any) -> dict[str, Any]:
    """The error shape. Empty parts are left out."""
    body = {"code": code, "message": message, "requestId": request.environ.get("los.request_id")}
    return {"error": body | {key: value for key, value in more.items() if value}}


def handle_domain_error(error: DomainError) -> tuple[dict[str, Any], int, dict[str, str]]:
    """A domain's refusal."""
    wait_s = error.details.get("retry_after_s")
    headers = {"Retry-After": str(wait_s)} if wait_s else {}
    fields = {camel(error.field): error.faults} if error.field else None
    details = {camel(key): value for key, value in error.details.items()}
    return error_body(error.code, error.message, fields=fields, details=details), error.status, headers


def handle_store_away(error: Exception) -> tuple[dict[str, Any], int]:
    """The document store does not answer, or not as it should."""
    log.error("document store", path=request.path, error=repr(error))
    return error_body("UNAVAILABLE", "The document store does not answer. Try again later."), 503


def handle_unexpected(error: Exception) -> tuple[dict[str, Any], int]:
    """A bug: logged with its trace, told without it."""
    log.error("unexpected error", path=request.path, exc_info=error)
    return error_body("INTERNAL", "Something went wrong on our side. Quote the request id."), 500


class LosApi(Api):
    """flask-smorest with our error shape, and with amounts documented as the text they are."""

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.register_field(Money, "string", None)
        self.ma_plugin.converter.add_attribute_function(_money_pattern)

    def handle_http_exception(self, error: HTTPException) -> Response | tuple[dict[str, Any], int, dict]:
        if error.response is not None:
            return error.response
        status = error.code or 500
        data = getattr(error, "data", None) or {}
        fields = _flat(data.get("messages", {}))
        code = "INVALID" if status == 422 else error.name.upper().replace(" ", "_")
        message = data.get("message") or ("Some fields are not right." if fields else error.description)
        # what belongs to the status, such as Allow and Retry-After; the text is ours
        headers = {name: value for name, value in error.get_headers() if name != "Content-Type"}
        headers |= data.get("headers", None) or {}
        return error_body(code, message, fields=fields), status, headers


def _money_pattern(_converter: Any, field: ma.fields.Field, **_: Any) -> dict[str, str]:
    return {"pattern": Money.PATTERN} if isinstance(field, Money) else {}


def _flat(messages: Any) -> dict[str, list[str]]:
    """webargs nests messages by where they came from; one level is enough for a client."""
    flat: dict[str, list[str]] = {}
    for location in messages.values() if isinstance(messages, Mapping) else ():
        if isinstance(location, Mapping):
            flat |= {str(name): _texts(reason) for name, reason in location.items()}
        else:
            flat["body"] = _texts(location)
    return flat


def _texts(reason: Any) -> list[str]:
    if isinstance(reason, Mapping):
        return [f"{key}: {text}" for key, value in reason.items() for text in _texts(value)]
    return [str(text) for text in reason] if isinstance(reason, list) else [str(reason)]


def answer(body: Any, status: int = 200) -> Response:
    """A JSON response made by hand, where there is no schema to go through."""
    return current_app.response_class(json.dumps(body), status=status, mimetype="application/json")
