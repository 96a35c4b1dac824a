"""Wall: personal data is encrypted at rest and masked wherever it is shown; the audit trail cannot be changed."""

import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg2
import pytest

from app.core import logs
from app.core.clock import today
from app.core.database import brand_scope, db
from app.files import storage
from tests.platform import BRAND, Platform
from tests.stages import Stages


def everything_stored(platform: Platform) -> str:
    tables = platform.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    rows = [platform.sql(f"SELECT row_to_json(t)::text FROM {table} t") for (table,) in tables]
    return "\n".join(row[0] for table in rows for row in table)


def everything_in_objects() -> Iterator[tuple[str, bytes]]:
    return ((key, storage().get(key)) for key in storage().keys(""))


@contextmanager
def said_to_redis(platform: Platform) -> Iterator[list[str]]:
    """Every command that reaches Redis while the block lasts."""
    said, last, listening = [], f"last-{uuid4()}", threading.Event()

    def listen() -> None:
        with platform.redis.monitor() as monitor:
            listening.set()
            for command in monitor.listen():
                said.append(command["command"])
                if last in command["command"]:
                    return

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    listening.wait()
    yield said
    platform.redis.get(last)
    thread.join(timeout=5)


@contextmanager
def logged(platform: Platform) -> Iterator[io.StringIO]:
    """What every part of the service logs while the block lasts, at any level."""
    stream = io.StringIO()
    logs.configure("DEBUG", stream)
    try:
        yield stream
    finally:
        logs.configure(platform.settings.log_level, sys.stderr)


IDENTIFYING = ["aadhaar", "name", "phone", "email", "pan", "dateOfBirth", "uan", "accountNumber", "employer"]


def test_what_identifies_a_person_is_nowhere_in_clear(
    platform: Platform, caplog: pytest.LogCaptureFixture
) -> None:
    """From the first click to a paid out loan and a report: tables, objects, Redis, logs."""
    caplog.set_level(logging.INFO)
    with logged(platform) as log, said_to_redis(platform) as redis_commands:
        journey = Stages(platform).active()
        customer = journey.app.get("/web/me")
        for known in ("pan", "name"):
            platform.staff().get("/customers", params={"search": journey.app.person[known]})
        platform.staff().get(f"/customers/{customer['id']}/kyc")
        days = {"fromDate": today().isoformat(), "toDate": today().isoformat()}
        platform.staff().get("/report/master-report", params=days | {"refresh": True}, expect=202)
        platform.drain()
    kept = platform.sql("SELECT s3_key FROM document WHERE customer_id = %s", customer["id"])
    assert len(kept) > 3
    assert all(key.endswith(".enc") for (key,) in kept)
    person = journey.app.person
    secrets = {person[name].casefold() for name in IDENTIFYING}
    places = {
        "tables": everything_stored(platform),
        "redis": "\n".join(redis_commands),
        "logs": log.getvalue() + caplog.text,
        **{key: data.decode("latin-1") for key, data in everything_in_objects()},
    }
    assert len(redis_commands) > 100
    assert '"request"' in places["logs"]
    assert any("/reports/" in key for key in places)
    found = [place for place, text in places.items() if any(one in text.casefold() for one in secrets)]
    assert found == []


NAMES = {
    "phone",
    "mobile",
    "pan",
    "email",
    "dob",
    "dateOfBirth",
    "accountNumber",
    "uan",
    "aadhaar",
    "address",
}
IN_CLEAR = {
    # what POST .../reveal is for
    *(("RevealedOut", name) for name in ("phone", "email", "pan", "dob", "address", "accountNumber")),
    # colleagues, not customers
    ("StaffOut", "email"),
    ("MemberOut", "email"),
    # the words of a mail, before anybody is named in them
    ("MessageEventOut", "email"),
    # the bank's own mask: that is all we keep of it
    ("StaffStatementOut", "accountNumber"),
}


def shown(schema: dict, schemas: dict, owner: str = "", seen: frozenset = frozenset()) -> Iterator[tuple]:
    """(schema, property, description) of everything that an answer may hold."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name and name not in seen:
        yield from shown(schemas[name], schemas, name, seen | {name})
    for key, value in schema.get("properties", {}).items():
        yield owner, key, value.get("description", "")
        yield from shown(value, schemas, owner, seen)
    inside = [
        schema.get("items"),
        *(part for how in ("allOf", "anyOf", "oneOf") for part in schema.get(how, [])),
    ]
    for part in filter(None, inside):
        yield from shown(part, schemas, owner, seen)


def test_whatever_staff_are_shown_of_a_customer_is_masked_by_its_class(platform: Platform) -> None:
    document = platform.api.call("GET", "/openapi.json")
    answers = [
        content["schema"]
        for path, methods in document["paths"].items()
        if path.startswith("/partner")
        for operation in methods.values()
        if isinstance(operation, dict)
        for response in operation["responses"].values()
        for content in response.get("content", {}).values()
    ]
    schemas = document["components"]["schemas"]
    found = {one for schema in answers for one in shown(schema, schemas) if one[1] in NAMES}
    assert {(owner, name) for owner, name, description in found if description != "masked"} <= IN_CLEAR


def test_lists_mask_phone_and_pan(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/kyc/verify-pan", json={"pan": app.person["pan"]})
    text = json.dumps(platform.staff().get("/customers", params={"search": app.person["pan"]}))
    assert app.person["phone"] not in text
    assert app.person["pan"] not in text
    assert app.get("/web/me")["id"] in text


def test_a_log_line_is_masked() -> None:
    import structlog

    stream = io.StringIO()
    logs.configure("INFO", stream)
    structlog.get_logger().info("call", body={"pan": "ABCPV1234A", "note": "rang 9876543210"}, otp="123456")
    line = stream.getvalue()
    assert json.loads(line)["event"] == "call"
    assert all(secret not in line for secret in ("ABCPV1234A", "9876543210", "123456"))


@pytest.mark.parametrize(
    "table", ["audit_event", "state_change", "decision", "decision_text", "journal_entry", "journal_line"]
)
@pytest.mark.parametrize("statement", ["UPDATE {} SET brand_id = brand_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_what_is_append_only_cannot_be_changed(platform: Platform, table: str, statement: str) -> None:
    with pytest.raises(Exception, match="permission denied"), brand_scope(BRAND):
        db.execute_sql(statement.format(table))


def test_the_connection_is_the_narrow_role(platform: Platform) -> None:
    with psycopg2.connect(platform.settings.database_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("los_app",)
