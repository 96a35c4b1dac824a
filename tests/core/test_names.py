"""Names at rest: sealed, found by their words, and brought there from columns in clear."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from uuid import uuid4

import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import config
from app.core import database, names, plain
from app.core.database import brand_scope
from app.core.migrate import migrate
from app.customers import finding
from app.customers import service as customers
from app.customers.models import Customer
from tests.platform import BRAND, OTHER_BRAND, Platform, create_database, new_pan

BEFORE, AFTER = "0045", "0046"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Asha  VERMA ", ["asha", "verma"]),
        ("D'Souza-Rao, K.", ["d", "souza", "rao", "k"]),
        ("Venkatanarasimharajuvaripeta", ["venkatanaras"]),
        ("आशा वर्मा", ["आशा", "वर्मा"]),
        (" . ", []),
    ],
)
def test_words_are_compared_alike_however_they_are_written(name: str, told: list[str]) -> None:
    assert names.words(name) == told


@settings(max_examples=30)
@given(name=st.text(max_size=2_000))
def test_any_name_has_so_many_hashes_at_most(name: str) -> None:
    found = names.hashes(name, BRAND)
    most = names.WORDS_MAX * (names.WORD_CHARS_MAX - names.BEGINNING_CHARS_MIN + 1)
    assert len(found) == len(set(found)) <= most


def test_hashes_are_the_brands_and_tell_nothing_of_the_order_of_words() -> None:
    assert names.hashes("Asha Verma", BRAND) == names.hashes("VERMA asha", BRAND)
    assert not {*names.hashes("Asha", BRAND)} & {*names.hashes("Asha", OTHER_BRAND)}


@pytest.fixture(scope="module")
def somebody(platform: Platform) -> Customer:
    word = "".join(chr(ord("a") + int(digit, 16)) for digit in uuid4().hex[:8])
    app = platform.customer()
    customer_id = app.get("/web/me")["id"]
    with brand_scope(BRAND):
        customers.record_pan(customer_id, pan=new_pan("GOO"), name=f"Om  {word} Rao", dob=None, gender=None)
        return customers.get(customer_id)


def test_a_name_is_found_by_its_words_and_how_they_begin(somebody: Customer) -> None:
    word = somebody.name.split()[1]

    def found(text: str) -> bool:
        with brand_scope(BRAND):
            return somebody.id in {row.id for row in finding.find(text).select(Customer.id)}

    assert somebody.name == f"Om {word} Rao"
    for text in (word, word[:3], word[:6].upper(), f"rao {word}", f" om, {word[:5]}", f"Om {word} Rao"):
        assert found(text), text
    for text in (word[1:], word[:2], f"{word} verma", f"{word}x", ".", f"o {word}", "%"):
        assert not found(text), text


def test_nobody_sorts_by_what_is_sealed(platform: Platform) -> None:
    for path in ("/customers", "/lead-forms", "/stages/ONBOARDING/loans"):
        refused = platform.staff().get(path, params={"sort": "name"}, expect=422)
        assert list(refused["error"]["fields"]) == ["sort"], path


@pytest.fixture
def older(
    superuser_url: str, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """A database from before names were sealed, which this process is connected to meanwhile."""
    monkeypatch.setattr(plain, "BATCH_ROWS", 2)
    with create_database(superuser_url, f"plain_{uuid4().hex[:8]}", template="template1") as urls:
        run(urls["SUPERUSER_URL"], "ALTER SCHEMA public OWNER TO los_owner")
        migrate(urls["DATABASE_OWNER_URL"], up_to=BEFORE)
        config.use(replace(platform.settings, database_url=urls["DATABASE_URL"]))
        database.connect(urls["DATABASE_URL"], 2)
        try:
            yield urls
        finally:
            database.db.close_all()
            database.side_db.close_all()
            config.use(platform.settings)
            database.connect(platform.settings.database_url, platform.settings.database_pool_size)


def run(url: str, statement: str, *values: object) -> list[tuple]:
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


CUSTOMER = """
INSERT INTO customer (brand_id, id, customer_no, phone_enc, phone_hash, name, employer_name)
VALUES (%s, gen_random_uuid(), %s, 'x', %s, %s, %s)"""
VIEW = """
INSERT INTO saved_view (brand_id, id, owner_id, name, stage, filters, sort)
VALUES (%s, gen_random_uuid(), %s, 'x', 'ONBOARDING', '{"search": "asha"}', '-name')"""
PEOPLE = ("Asha  Verma", "Ravi Kumar", None, "Meera Nair", "Zoya Khan")


def test_names_from_before_are_sealed_and_their_columns_go(
    older: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, owner = older["SUPERUSER_URL"], older["DATABASE_OWNER_URL"]
    for brand in (BRAND, OTHER_BRAND):
        run(url, "INSERT INTO brand (id, name, settings) VALUES (%s, 'x', '{}')", brand)
        for number, name in enumerate(PEOPLE):
            run(url, CUSTOMER, brand, str(number), str(number), name, name and "ACME")
    owner_id = str(uuid4())
    run(url, "INSERT INTO partner_user (id, email, name) VALUES (%s, 'a@b.example', 'x')", owner_id)
    run(url, VIEW, BRAND, owner_id)

    # killed after the first batch: what was sealed stays so, and the rest is done the next time
    seal_some, calls = plain._seal_some, []

    def killed(column: plain.Plain) -> int:
        if calls:
            raise KeyboardInterrupt
        calls.append(column)
        return seal_some(column)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(plain, "_seal_some", killed)
        migrate(owner, up_to=AFTER)
    assert run(url, "SELECT count(name), count(name_enc) FROM customer") == [(6, 2)]

    assert migrate(owner, up_to=AFTER) == []
    columns = run(url, "SELECT table_name, column_name FROM information_schema.columns")
    assert not {(one.table, one.column) for one in plain.COLUMNS} & {*columns}
    for brand in (BRAND, OTHER_BRAND):
        with brand_scope(brand):
            kept = Customer.customer_no, Customer.name, Customer.employer_name
            people = {one.customer_no: one for one in Customer.select(*kept)}
            assert [people[str(n)].name for n in range(5)] == [names.tidy(name) for name in PEOPLE]
            assert [people[str(n)].employer_name for n in range(5)] == [name and "ACME" for name in PEOPLE]
            found = Customer.select(Customer.customer_no).where(
                names.has_words(Customer.name_hash, "ver ASHA")
            )
            assert [row.customer_no for row in found] == ["0"]
    (view,) = run(url, "SELECT filters_enc, sort FROM saved_view")
    assert "asha" not in view[0]
    assert view[1] is None
    forced = (
        "SELECT count(*) FROM pg_class WHERE relname = ANY(%s) AND relrowsecurity AND relforcerowsecurity"
    )
    tables = sorted({one.table for one in plain.COLUMNS})
    assert run(url, forced, tables) == [(len(tables),)]
