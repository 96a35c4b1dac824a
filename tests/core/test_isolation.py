"""Wall: a brand sees only itself, held by PostgreSQL and not by anybody's WHERE clause."""

from uuid import uuid4

import peewee
import psycopg2
import pytest
from psycopg2.extras import Json

from app.core.database import ScopeError, brand_scope, db
from app.customers.models import Customer
from app.loans.models import Loan
from tests.crossing import Side
from tests.platform import BRAND, OTHER_BRAND, Platform

TENANT_TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, pg_get_userbyid(c.relowner),
       (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_brand')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'brand_id' AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY 1
"""


def test_every_table_with_a_brand_is_under_row_level_security(platform: Platform) -> None:
    tables = platform.sql(TENANT_TABLES)
    assert len(tables) > 25
    assert [row for row in tables if row[1:] != (True, True, "los_owner", 1)] == []


def test_the_service_owns_nothing_and_cannot_bypass(platform: Platform) -> None:
    rows = platform.sql(
        "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname LIKE 'los%'"
    )
    assert {any(row) for row in rows} == {False}
    owned = "SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = 'los_app'"
    assert platform.sql(owned) == [(0,)]


def test_foreign_keys_between_tenant_tables_carry_the_brand(platform: Platform) -> None:
    loose = platform.sql(
        """SELECT conrelid::regclass::text, pg_get_constraintdef(c.oid) FROM pg_constraint c
           WHERE contype = 'f' AND confrelid::regclass::text NOT IN ('brand', 'partner_user')
             AND pg_get_constraintdef(c.oid) NOT LIKE 'FOREIGN KEY (brand_id, %'"""
    )
    assert loose == []


def test_without_a_brand_nothing_is_seen(platform: Platform) -> None:
    platform.customer()
    with db.connection_context(), db.atomic():
        for table, *_ in platform.sql(TENANT_TABLES):
            assert db.execute_sql(f"SELECT count(*) FROM {table}").fetchone() == (0,), table


def test_a_forgotten_where_clause_returns_the_own_brand_alone(platform: Platform) -> None:
    here, there = platform.customer(), platform.customer(brand_id=OTHER_BRAND)
    with brand_scope(BRAND):
        seen = {str(row.id) for row in Customer.select()}
    assert here.get("/web/me")["id"] in seen
    assert there.get("/web/me")["id"] not in seen


def test_another_brands_rows_cannot_be_changed(platform: Platform) -> None:
    platform.customer()
    before = platform.sql("SELECT * FROM customer WHERE brand_id = %s ORDER BY id", BRAND)
    with brand_scope(OTHER_BRAND):
        db.execute_sql("UPDATE customer SET city = 'changed'")
    assert platform.sql("SELECT * FROM customer WHERE brand_id = %s ORDER BY id", BRAND) == before


def test_nobodys_customer_can_be_deleted(platform: Platform) -> None:
    with pytest.raises(Exception, match="permission denied"), brand_scope(BRAND):
        db.execute_sql("DELETE FROM customer")


def test_a_row_cannot_be_written_for_another_brand(platform: Platform) -> None:
    with pytest.raises(Exception, match="row-level security"), brand_scope(OTHER_BRAND):
        Customer.create(brand_id=BRAND, customer_no="X", phone="9000000000", phone_hash="x")


def test_a_row_cannot_point_at_another_brands_row(platform: Platform) -> None:
    customer_id = platform.customer().get("/web/me")["id"]
    with pytest.raises(Exception, match="foreign key"), brand_scope(OTHER_BRAND):
        Loan.create(
            loan_no="X", customer_id=customer_id, status="APPLIED", purpose="OTHER",
            applied_amount="1000.00", applied_tenure_days=10,
        )  # fmt: skip


def rows_of(platform: Platform, table: str, brand_id: str) -> list[dict]:
    """Some rows of a brand as JSON, seen by the superuser."""
    rows = platform.sql(f"SELECT to_jsonb(t) FROM {table} t WHERE brand_id = %s LIMIT 5", brand_id)
    return [row for (row,) in rows]


def stored_columns(platform: Platform, table: str) -> list[str]:
    """Those that can be written: not what the database works out from the others."""
    rows = platform.sql(
        """SELECT quote_ident(attname) FROM pg_attribute
           WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''""",
        table,
    )
    return [row[0] for row in rows]


def attempt(brand_id: str, statement: str, *values: object) -> tuple[int, str]:
    """How many rows a statement reaches under a brand, or why the database refuses it. Nothing stays."""
    with db.connection_context(), db.atomic() as transaction:
        db.execute_sql("SELECT set_config('app.brand_id', %s, true)", (brand_id,))
        try:
            return db.execute_sql(statement, values).rowcount, ""
        except peewee.DatabaseError as error:
            return 0, str(error)
        finally:
            transaction.rollback()


REFUSALS = ("permission denied", "row-level security")


def test_no_row_of_another_brand_is_read_changed_deleted_or_added(
    platform: Platform, sides: tuple[Side, Side]
) -> None:
    mine, other = (side.brand_id for side in sides)
    with_rows, breaches = [], []
    for table, *_ in platform.sql(TENANT_TABLES):
        theirs, own = rows_of(platform, table, other), rows_of(platform, table, mine)
        with_rows += [table] if theirs and own else []
        columns = ", ".join(stored_columns(platform, table))
        copy = (
            f"INSERT INTO {table} ({columns}) SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s)"
        )
        tries = {
            "read": (f"SELECT 1 FROM {table} WHERE brand_id = %s", other),
            "changed": (f"UPDATE {table} SET brand_id = brand_id WHERE brand_id = %s", other),
            "deleted": (f"DELETE FROM {table} WHERE brand_id = %s", other),
            **({"given away": (f"UPDATE {table} SET brand_id = %s", other)} if own else {}),
            **({"added": (copy, Json(theirs[0]))} if theirs else {}),
        }
        for what, (statement, value) in tries.items():
            reached, refusal = attempt(mine, statement, value)
            if reached or (refusal and not any(known in refusal for known in REFUSALS)):
                breaches.append(f"{table} {what}: {reached} {refusal}")
    assert breaches == []
    assert len(with_rows) > 30, f"the journey makes rows in {with_rows}"


def test_every_unique_key_of_a_tenant_table_starts_with_the_brand(platform: Platform) -> None:
    """A key across brands would tell one of them, by its error, what another has."""
    across = platform.sql(
        """SELECT i.indexrelid::regclass::text FROM pg_index i
           JOIN pg_attribute b ON b.attrelid = i.indrelid AND b.attname = 'brand_id' AND NOT b.attisdropped
           JOIN pg_class c ON c.oid = i.indrelid AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
           WHERE i.indisunique AND i.indkey[0] <> b.attnum"""
    )
    assert across == []


def test_an_id_of_another_brand_looks_like_one_that_nobody_has(
    platform: Platform, sides: tuple[Side, Side]
) -> None:
    """For every foreign key between tenant tables: the same error, which names nothing but what was sent."""
    mine, other = (side.brand_id for side in sides)
    keys = platform.sql(
        """SELECT conrelid::regclass::text, confrelid::regclass::text, a.attname, f.attname
           FROM pg_constraint c
           JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[2]
           JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = c.confkey[2]
           WHERE contype = 'f' AND array_length(conkey, 1) = 2"""
    )
    refused = 0
    for table, target, column, key in keys:
        theirs, own = rows_of(platform, target, other), rows_of(platform, table, mine)
        if not theirs or not own:
            continue
        statement = f"UPDATE {table} SET {column} = %s WHERE id = %s"
        their_key, nobodys = theirs[0][key], str(uuid4())
        answers = [attempt(mine, statement, value, own[0]["id"]) for value in (their_key, nobodys)]
        assert answers[0][0] == answers[1][0], f"{table}.{column}"
        assert answers[0][1].replace(their_key, "-") == answers[1][1].replace(nobodys, "-"), (
            f"{table}.{column}"
        )
        refused += "violates foreign key" in answers[0][1]
    assert refused > 10


def test_scopes_do_not_nest() -> None:
    with pytest.raises(ScopeError), brand_scope(BRAND), brand_scope(OTHER_BRAND):
        pass


def test_the_brand_ends_with_its_transaction(platform: Platform) -> None:
    with brand_scope(BRAND):
        pass
    with db.connection_context(), db.atomic():
        assert db.execute_sql("SELECT current_setting('app.brand_id', true)").fetchone()[0] in ("", None)


def test_the_relay_role_sees_the_outbox_alone(platform: Platform) -> None:
    granted = platform.sql(
        "SELECT DISTINCT table_name FROM information_schema.role_table_grants WHERE grantee = 'los_relay'"
    )
    assert granted == [("outbox",)]


def test_the_service_cannot_read_a_password(platform: Platform) -> None:
    with (
        pytest.raises(psycopg2.errors.InsufficientPrivilege),
        psycopg2.connect(platform.settings.database_url) as c,
    ):
        c.cursor().execute("SELECT password_hash FROM partner_user")
