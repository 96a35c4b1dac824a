"""Decisions of before the rule files had a table of their own are replayed from where these went."""

import json
from collections.abc import Iterator
from contextlib import closing
from uuid import uuid4

import psycopg2
import pytest

from app.core.migrate import migrate
from tests.platform import create_database

FILES = {"brands/qualoan/bre.yaml": "ruleset: bre\n", "features.yaml": "age: {}\n"}


@pytest.fixture
def database(superuser_url: str) -> Iterator[dict[str, str]]:
    """An empty database that the owner migrates."""
    with create_database(superuser_url, f"moved_{uuid4().hex[:8]}", template="template1") as urls:
        run(urls["SUPERUSER_URL"], "ALTER SCHEMA public OWNER TO los_owner")
        yield urls


def run(url: str, statement: str, *values: object) -> list[tuple]:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


CUSTOMER = (
    "INSERT INTO customer (brand_id, id, customer_no, phone_enc, phone_hash) VALUES (%s, %s, '1', 'x', 'x')"
)
LOAN = """
INSERT INTO loan (brand_id, id, loan_no, customer_id, status, purpose, applied_amount, applied_tenure_days)
VALUES (%s, %s, '1', %s, 'APPLIED', 'OTHER', 1000, 10)
"""
DECISION = """
INSERT INTO decision (brand_id, id, loan_id, ruleset_name, ruleset_hash, ruleset_source, outcome, record)
VALUES (%s, gen_random_uuid(), %s, 'bre', %s, %s, 'APPROVE', '{}')
"""
FOUND = """
SELECT d.brand_id, t.files FROM decision d JOIN ruleset_text t ON t.brand_id = d.brand_id AND t.hash = d.ruleset_hash
ORDER BY 1
"""


def test_the_files_of_old_decisions_move_once_for_each_hash(database: dict[str, str]) -> None:
    migrate(database["DATABASE_OWNER_URL"], up_to="0004")
    url, digest = database["SUPERUSER_URL"], "a" * 64
    for brand in ("paisapop", "qualoan"):
        customer, loan = str(uuid4()), str(uuid4())
        run(url, "INSERT INTO brand (id, name, settings) VALUES (%s, 'x', '{}')", brand)
        run(url, CUSTOMER, brand, customer)
        run(url, LOAN, brand, loan, customer)
        for _ in range(2):
            run(url, DECISION, brand, loan, digest, json.dumps(FILES))
    migrate(database["DATABASE_OWNER_URL"])
    assert run(url, "SELECT brand_id, hash FROM ruleset_text ORDER BY 1") == [
        ("paisapop", digest),
        ("qualoan", digest),
    ]
    assert run(url, FOUND) == [(brand, FILES) for brand in ("paisapop", "paisapop", "qualoan", "qualoan")]
