"""COPY into frames: exact types, whatever people typed, in one snapshot."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extensions import connection as Connection

from reports import Question
from reports import extract as extract_module
from reports.base import Column, Source
from reports.extract import copy, discard, extract, frames, scan
from reports.kinds import DATE, INTEGER, MONEY, TEXT
from reports.produce import finisher, produce
from tests.reports.tiny import GIVES, REPORT, SQL

DAY = date(2026, 6, 1)
QUESTION = Question("qualoan", DAY, DAY, DAY)


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as connection:
        yield connection


def as_they_are(texts, place):
    return texts


def read(connection: Connection, directory, source: Source, decrypt=as_they_are):
    path = directory / "source.tsv"
    with connection, connection.cursor() as cursor:
        copy(source, QUESTION, cursor, path)
    return scan(source, path, decrypt).collect()


def test_types_are_exact(connection, tmp_path):
    frame = read(connection, tmp_path, Source(SQL, GIVES))
    assert dict(frame.schema) == {column.name: column.kind.dtype for column in GIVES}
    assert frame.row(0) == (
        "L-1",
        "9000000001",
        Decimal("30000.00"),
        Decimal("0.7500"),
        30,
        date(2026, 6, 30),
        datetime(2026, 5, 31, 20, 0, tzinfo=UTC),
        True,
    )


@pytest.mark.parametrize("amount", ["0.01", "-0.01", "999999999999.99", "-999999999999.99", "0.00"])
def test_every_paisa_arrives(connection, tmp_path, amount):
    source = Source(f"SELECT {amount}::numeric AS amount", (Column("amount", MONEY, "", "x"),))
    assert read(connection, tmp_path, source).item() == Decimal(amount)


def test_more_places_are_rounded_as_lenders_do(connection, tmp_path):
    source = Source("SELECT 0.125 AS amount", (Column("amount", MONEY, "", "x"),))
    assert read(connection, tmp_path, source).item() == Decimal("0.13")


def test_an_amount_that_does_not_fit_is_an_error_not_a_smaller_amount(connection, tmp_path):
    source = Source("SELECT 1000000000000 AS amount", (Column("amount", MONEY, "", "x"),))
    with pytest.raises(psycopg2.errors.NumericValueOutOfRange):
        read(connection, tmp_path, source)


def test_microseconds_arrive(connection, tmp_path):
    sql = SQL.replace("20:00+00", "20:00:00.123457+00")
    assert read(connection, tmp_path, Source(sql, GIVES))["disbursed_at"].item().microsecond == 123457


def test_nothing_is_not_the_empty_text(connection, tmp_path):
    sql = "SELECT * FROM (VALUES ('', 1), (NULL, NULL)) v (note, n)"
    gives = (Column("note", TEXT, "", "x"), Column("n", INTEGER, "", "x"))
    assert read(connection, tmp_path, Source(sql, gives)).rows() == [("", 1), (None, None)]


def test_no_row_at_all_has_the_types(connection, tmp_path):
    frame = read(connection, tmp_path, Source(f"{SQL} WHERE false", GIVES))
    assert dict(frame.schema) == {column.name: column.kind.dtype for column in GIVES}
    assert frame.is_empty()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=5
    )
)
def test_text_arrives_as_it_was_typed(connection, tmp_path, texts):
    with connection.cursor() as cursor:
        literal = cursor.mogrify("SELECT unnest(%s::text[]) AS note", (texts,)).decode().replace("%", "%%")
    assert (
        read(connection, tmp_path, Source(literal, (Column("note", TEXT, "", "x"),)))["note"].to_list()
        == texts
    )


@pytest.mark.parametrize("text", ["\\N", "\\", "\\n", "a\\\tb", "\r\n", '"', "'; DROP TABLE loan; --"])
def test_text_that_looks_like_something_else(connection, tmp_path, text):
    with connection.cursor() as cursor:
        literal = cursor.mogrify("SELECT %s AS note", (text,)).decode()
    assert (
        read(connection, tmp_path, Source(literal, (Column("note", TEXT, "", "x"),)))["note"].item() == text
    )


def test_parameters_are_bound_not_pasted(connection, tmp_path):
    hostile = Question("x'; SELECT 1; --", DAY, DAY, DAY)
    source = Source("SELECT %(brand_id)s AS note, %(from_date)s AS day", (Column("note", TEXT, "", "x"),))
    with connection, connection.cursor() as cursor:
        copy(source, hostile, cursor, tmp_path / "s.tsv")
    assert scan(source, tmp_path / "s.tsv", as_they_are).collect()["note"].item() == hostile.brand_id


def test_what_is_sealed_is_opened_as_what_stood_in_its_place(connection, tmp_path):
    opened = []

    def decrypt(texts: pl.Series, place: str) -> pl.Series:
        opened.extend((text, place) for text in texts.unique().drop_nulls())
        return texts.replace({"k1:a": "9812345610", "k1:b": "2001-02-03"})

    sql = "SELECT CASE WHEN n < 4 THEN 'k1:a' END AS mobile, 'k1:b' AS born FROM generate_series(1, 5) n"
    gives = (Column("mobile", TEXT, "", "x", sealed="c.phone"), Column("born", DATE, "", "x", sealed="c.dob"))
    frame = read(connection, tmp_path, Source(sql, gives), decrypt)
    assert frame["mobile"].to_list() == ["9812345610"] * 3 + [None] * 2
    assert frame["born"].to_list() == [date(2001, 2, 3)] * 5
    assert sorted(opened) == [("k1:a", "c.phone"), ("k1:b", "c.dob")]


def test_what_cannot_be_opened_stops_the_report(connection, tmp_path):
    def decrypt(texts: pl.Series, place: str) -> pl.Series:
        raise ValueError("wrong key")

    gives = (Column("mobile", TEXT, "", "x", sealed="c.phone"),)
    with pytest.raises(Exception, match="wrong key"):
        read(connection, tmp_path, Source("SELECT 'k1:a' AS mobile", gives), decrypt)


@pytest.mark.parametrize("finish", [None, finisher(REPORT)])
def test_a_report_from_the_database_to_its_totals(connection, tmp_path, finish):
    with connection, connection.cursor() as cursor:
        extracted = extract(REPORT, QUESTION, cursor, tmp_path, decrypt=as_they_are, finish=finish)
    made = produce(REPORT, extracted, tmp_path)
    assert (made.row_count, made.totals["amount"]) == (1, "30000.00")
    assert pl.read_parquet(made.rows)["mobile"].to_list() == ["90xxxxxx01"]
    assert made.as_of.tzinfo is not None


def test_parts_are_cut_between_rows_and_keep_their_order(connection, tmp_path, monkeypatch):
    monkeypatch.setattr(extract_module, "_PART_BYTES", 1_000)
    told: list[int] = []
    source = Source("SELECT 'two' || chr(10) || 'lines' AS note, n FROM generate_series(1, 500) n", _NUMBERED)
    report = replace(REPORT, sources={"rows": source})
    with connection, connection.cursor() as cursor:
        extracted = extract(report, QUESTION, cursor, tmp_path, decrypt=as_they_are, tell=told.append)
    assert len(extracted.parts["rows"]) > 3
    assert told == list(range(1, 501))
    frame = frames(extracted)["rows"].collect()
    assert frame["n"].to_list() == list(range(1, 501))
    assert set(frame["note"]) == {"two\nlines"}
    discard(extracted)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_in_a_part_is_that_of_the_report(connection, tmp_path):
    def decrypt(texts: pl.Series, place: str) -> pl.Series:
        raise ValueError("wrong key")

    gives = (Column("mobile", TEXT, "", "x", sealed="c.phone"),)
    report = replace(REPORT, sources={"rows": Source("SELECT 'k1:a' AS mobile", gives)})
    with pytest.raises(Exception, match="wrong key"), connection, connection.cursor() as cursor:
        extract(report, QUESTION, cursor, tmp_path, decrypt=decrypt)


_NUMBERED = (Column("note", TEXT, "", "x"), Column("n", INTEGER, "", "x"))
