"""Wall: a brand sees only itself, held by PostgreSQL and not by anybody's WHERE clause."""

import psycopg2
import pytest

from app.core.database import ScopeError, brand_scope, db
from app.customers.models import Customer
from app.loans.models import Loan
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
        db.execute_sql("UPDATE customer SET name = 'changed'")
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
