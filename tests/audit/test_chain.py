"""Wall: nobody changes the audit trail unseen, not even whoever owns the database."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from uuid import uuid4

import psycopg2
import pytest
from click.testing import CliRunner, Result

from app.audit import chain
from app.cli import main
from app.core import audit, sealing
from app.core.database import brand_scope
from app.core.outbox import enqueue
from app.files import storage
from tests.lending import at_work
from tests.platform import Platform

BRAND = "salarybolt"
TABLES = ("audit_event", "audit_link", "audit_seal")


def los(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["audit", *arguments], catch_exceptions=False)


def write(count: int, brand_id: str = BRAND) -> list[str]:
    """Some events, one a transaction. Returns their ids."""
    ids = []
    for number in range(count):
        with at_work(brand_id):
            audit.record("loan.noted", "loan", uuid4(), after={"number": number})
            ids.append(str(audit.AuditEvent.select().order_by(audit.AuditEvent.id.desc()).get().id))
    return ids


@pytest.fixture
def sealed(platform: Platform) -> list[str]:
    """Six events in two batches, the first of which is anchored in storage."""
    ids = write(3)
    los("seal")
    with brand_scope(BRAND):
        chain.anchor()
    ids += write(3)
    los("seal")
    return ids


@contextmanager
def tampering(platform: Platform) -> Iterator[Callable[..., list[tuple]]]:
    """A superuser with the triggers switched off, whose statements are put right again at the end."""
    mine = f"WHERE brand_id = '{BRAND}'"
    with closing(psycopg2.connect(platform.superuser_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SET session_replication_role = replica")
        for table in TABLES:
            cursor.execute(f"CREATE TEMP TABLE saved_{table} AS SELECT * FROM {table} {mine}")

        def run(statement: str, *values: object) -> list[tuple]:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

        try:
            yield run
        finally:
            for table in TABLES:
                run(f"DELETE FROM {table} {mine}")
                run(f"INSERT INTO {table} SELECT * FROM saved_{table}")


def test_it_works(sealed: list[str]) -> None:
    done = los("verify", "--brand", BRAND)
    assert done.exit_code == 0, done.output
    assert "events hold" in done.output


def test_every_brand_is_looked_at(sealed: list[str]) -> None:
    los("seal")
    looked_at = {line.partition(":")[0] for line in los("verify").output.splitlines()}
    assert {"qualoan", "paisapop", "salary4sure", "fastsalary", "salarybolt"} <= looked_at


def test_what_is_not_sealed_yet_is_counted(sealed: list[str]) -> None:
    write(2)
    done = los("verify", "--brand", BRAND)
    assert (done.exit_code, "2 wait for their seal" in done.output) == (0, True)
    los("seal")


def first_fault() -> str:
    done = los("verify", "--brand", BRAND)
    assert done.exit_code == 1, done.output
    return done.output.strip()


def place_of(platform: Platform, event_id: str) -> int:
    return platform.sql("SELECT seq FROM audit_link WHERE id = %s", event_id)[0][0]


@pytest.mark.parametrize(
    "change", ["actor_id = 'somebody'", "after = '{\"number\": 7}'", "created_at = now()", "ip = '192.0.2.1'"]
)
def test_a_changed_event_is_named(platform: Platform, sealed: list[str], change: str) -> None:
    with tampering(platform) as run:
        run(f"UPDATE audit_event SET {change} WHERE id = %s", sealed[1])
        told = first_fault()
    assert told.startswith(f"{BRAND}: CHANGED at {place_of(platform, sealed[1])}: event {sealed[1]}")


def test_the_first_of_several_is_named(platform: Platform, sealed: list[str]) -> None:
    with tampering(platform) as run:
        run(
            "UPDATE audit_event SET reason = 'x' WHERE id = ANY(%s::uuid[])",
            [sealed[4], sealed[0], sealed[2]],
        )
        told = first_fault()
    assert sealed[0] in told


def test_an_event_that_is_gone_is_named(platform: Platform, sealed: list[str]) -> None:
    with tampering(platform) as run:
        run("DELETE FROM audit_event WHERE id = %s", sealed[2])
        told = first_fault()
    assert f"MISSING at {place_of(platform, sealed[2])}: event {sealed[2]}" in told


def test_an_event_that_is_gone_with_its_link_leaves_a_gap(platform: Platform, sealed: list[str]) -> None:
    with tampering(platform) as run:
        run("DELETE FROM audit_event WHERE id = %s", sealed[3])
        run("DELETE FROM audit_link WHERE id = %s", sealed[3])
        told = first_fault()
    assert f"MISSING at {place_of(platform, sealed[3])}" in told


def test_two_that_change_places_are_found(platform: Platform, sealed: list[str]) -> None:
    first, second = place_of(platform, sealed[1]), place_of(platform, sealed[2])
    with tampering(platform) as run:
        for event_id, seq in ((sealed[1], 10**9), (sealed[2], first), (sealed[1], second)):
            run("UPDATE audit_link SET seq = %s WHERE id = %s", seq, event_id)
        told = first_fault()
    assert f"REORDERED at {first}: event {sealed[2]}" in told


def test_an_event_that_was_slipped_in_is_found(platform: Platform, sealed: list[str]) -> None:
    old = "018f0000-0000-7000-8000-000000000000"
    with tampering(platform) as run:
        run(
            "INSERT INTO audit_event (brand_id, id, actor_id, actor_role, action, entity)"
            " VALUES (%s, %s, 'x', 'x', 'x', 'x')", BRAND, old
        )  # fmt: skip
        told = first_fault()
    assert f"INSERTED: event {old}" in told


def test_links_that_nobody_sealed_are_found(platform: Platform, sealed: list[str]) -> None:
    head = place_of(platform, sealed[-1])
    with tampering(platform) as run:
        run("DELETE FROM audit_seal WHERE brand_id = %s AND seq = %s", BRAND, head)
        told = first_fault()
    assert "INSERTED" in told


def test_links_written_anew_do_not_fit_the_seals(platform: Platform, sealed: list[str]) -> None:
    """Who changes an event and every hash after it still cannot sign."""
    with tampering(platform) as run:
        run("UPDATE audit_event SET reason = 'forged' WHERE id = %s", sealed[1])
        events = run(
            f"SELECT l.id, l.seq, {sealing.EVENT_HASH} FROM audit_link l JOIN audit_event e ON e.id = l.id"
            " WHERE l.brand_id = %s ORDER BY l.seq", BRAND
        )  # fmt: skip
        head = sealing.START
        for event_id, seq, event_hash in events:
            head = sealing.link_hash(BRAND, seq, head, event_hash)
            run("UPDATE audit_link SET event_hash = %s, hash = %s WHERE id = %s", event_hash, head, event_id)
        told = first_fault()
    assert "FORGED at" in told


def test_a_tail_cut_off_with_its_seals_is_found_by_the_anchor(platform: Platform, sealed: list[str]) -> None:
    first = place_of(platform, sealed[0])
    with tampering(platform) as run:
        run("DELETE FROM audit_event WHERE id = ANY(%s::uuid[])", sealed)
        for table in ("audit_link", "audit_seal"):
            run(f"DELETE FROM {table} WHERE brand_id = %s AND seq >= %s", BRAND, first)
        told = first_fault()
    assert f"MISSING at {first}: the anchor in storage knows {first + 2} events" in told


def test_a_forged_anchor_is_found(sealed: list[str]) -> None:
    key = f"{BRAND}/audit/head.json"
    good = storage().get(key)
    try:
        storage().put(key, good.replace(b'"signature": "', b'"signature": "0'), "application/json")
        done = los("verify", "--brand", BRAND)
    finally:
        storage().put(key, good, "application/json")
    assert "FORGED" in done.output


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET brand_id = brand_id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_owner_of_the_tables_changes_nothing(
    platform: Platform, sealed: list[str], table: str, statement: str
) -> None:
    with (
        closing(psycopg2.connect(platform.settings.database_owner_url)) as connection,
        connection.cursor() as cursor,
        pytest.raises(psycopg2.errors.InsufficientPrivilege, match="never changed"),
    ):
        cursor.execute("SELECT set_config('app.brand_id', %s, false)", (BRAND,))
        cursor.execute(statement.format(table))


def test_many_writers_and_sealers_at_once(platform: Platform, sealed: list[str]) -> None:
    """Writers commit in any order while three sealers work: every event gets one link, and the chain holds."""
    ended = threading.Event()

    def seal() -> None:
        while not ended.is_set():
            sealing.seal_all()

    sealers = [threading.Thread(target=seal) for _ in range(3)]
    writers = [threading.Thread(target=write, args=(25,)) for _ in range(8)]
    for thread in [*sealers, *writers]:
        thread.start()
    for thread in writers:
        thread.join()
    ended.set()
    for thread in sealers:
        thread.join()
    los("seal")
    verdict = chain.verify(BRAND)
    assert (verdict.fault, verdict.waiting) == (None, 0)
    assert platform.sql("SELECT count(*) FROM audit_event WHERE brand_id = %s", BRAND)[0][0] == verdict.events


def test_an_event_that_commits_late_is_linked_all_the_same(platform: Platform, sealed: list[str]) -> None:
    started, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with at_work(BRAND):
            audit.record("loan.slow", "loan", None)
            started.set()
            go_on.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    started.wait(10)
    write(2)
    los("seal")
    go_on.set()
    thread.join()
    assert chain.verify(BRAND).waiting == 1
    los("seal")
    assert chain.verify(BRAND) == chain.Verdict(BRAND, chain.verify(BRAND).events, 0, None)


def test_a_sealer_that_dies_leaves_nothing_behind(platform: Platform, sealed: list[str]) -> None:
    write(1)
    with pytest.raises(ZeroDivisionError), brand_scope(BRAND):
        sealing.seal_batch()
        raise ZeroDivisionError
    assert chain.verify(BRAND).waiting == 1
    los("seal")
    assert chain.verify(BRAND).waiting == 0


def test_the_nightly_job_writes_down_what_it_found(platform: Platform, sealed: list[str]) -> None:
    with at_work(BRAND):
        enqueue("audit.anchor")
        enqueue("audit.verify")
    platform.drain()
    told = platform.sql(
        "SELECT after FROM audit_event WHERE brand_id = %s AND action = 'audit.verified' ORDER BY id DESC",
        BRAND,
    )
    assert told[0][0]["fault"] is None
