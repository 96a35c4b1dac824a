"""Books on polars: every row is decided as `decide` decides it."""

import json
import math
from collections import Counter
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import decide, load
from rules.engines.evaluator import worked_out
from rules.engines.frame import (
    UNREADABLE,
    compute_frame,
    decide_frame,
    deciding,
    named_rules,
    spoken_rules,
    unreadable,
)
from rules.engines.frame.deciding import WORD_BITS
from rules.language.files import ROOT
from tests.rules.applicants import ASHA, BHARAT, BRANDS, CHITRA, one_rule, ruleset
from tests.rules.generated_books import FORMS, books, realistic_book
from tests.rules.generated_files import made_of, rule_texts

SHIPPED = sorted(
    "/".join(path.with_suffix("").parts[-2:]) for path in ROOT.glob("brands/*/*.yaml") if path.stem != "cases"
)
SETTINGS = settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))


def assert_equal(made, frame: pl.DataFrame) -> None:
    """Every row of the frame is decided, and worked out, as by itself."""
    decided = decide_frame(made, frame.lazy()).collect()
    derived = compute_frame(made, frame.lazy()).collect()
    rows = zip(
        frame.iter_rows(named=True), decided.iter_rows(named=True), derived.iter_rows(named=True), strict=True
    )
    for row, told, values in rows:
        decision = decide(made, row)
        assert told["outcome"] == decision.outcome, row
        for kind, rules in spoken(decision).items():
            words = [told[f"{kind}_{at}"] for at in range((len(made.rules) + 62) // 63)]
            assert spoken_rules(made, words) == rules, (kind, row)
        offer = decision.offer or {}
        assert all(same(told[name], offer.get(name)) for name in made.offer), row
        wrong = {n: (values[n], value) for n, value in decision.derived.items() if not same(values[n], value)}
        assert not wrong, row


def same(told, value):
    """Whether a frame holds this value: a number to 15 digits."""
    if isinstance(value, tuple):
        return len(told) == len(value) and all(map(same, told, value))
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return type(told) is type(value) and told == value
    if len(Decimal(value).normalize().as_tuple().digits) <= 15:
        return Decimal(f"{told:.15g}") == value
    return math.isclose(told, value, rel_tol=1e-14, abs_tol=1e-25)


def spoken(decision):
    """The rules that spoke, by the bits that say so."""
    of = {"hits": "HIT", "unknown": "NOT_EVALUATED"}
    told = {kind: [v.rule_id for v in decision.verdicts if v.verdict == word] for kind, word in of.items()}
    reasons = {verdict.rule_id for verdict in decision.reasons}
    return told | {"reasons": [v.rule_id for v in decision.verdicts if v.rule_id in reasons]}


def words_of(decided: pl.DataFrame, kind: str = "hits|unknown") -> list[str]:
    """The columns of bits, of which a rule set without rules has none."""
    return decided.select(pl.col(f"^({kind})_[0-9]+$")).columns


def framed(made, people) -> pl.DataFrame:
    """A frame of the usual types."""
    schema = {name: FORMS[feature.type][0] for name, feature in made.dictionary.items()}
    schema |= {name: pl.String for name, dtype in schema.items() if dtype == pl.Date}  # as people write them
    rows = [[person.get(name) for name in schema] for person in people]
    return pl.DataFrame(rows, schema=schema, orient="row", strict=False)


@pytest.mark.parametrize("brand", BRANDS)
def test_it_works(brand):
    made = load(brand, "bre")
    frame = framed(made, [ASHA, BHARAT, CHITRA, {}, ASHA | {"gambling_debit_share_percent": float("nan")}])
    assert_equal(made, frame)


@pytest.mark.parametrize("name", SHIPPED)
def test_the_engines_agree_on_every_shipped_file(name):
    made = load(*name.split("/"))

    @SETTINGS
    @given(books(made))
    def agree(book):
        assert_equal(made, book)

    agree()


@pytest.mark.parametrize("name", SHIPPED)
def test_a_large_book_is_decided_as_its_rows_are_and_hardly_any_row_is_in_doubt(name, monkeypatch):
    made = load(*name.split("/"))
    book = realistic_book(made, 10_000)
    exactly = []
    monkeypatch.setattr(deciding, "worked_out", lambda *row: exactly.append(row) or worked_out(*row))
    decided = decide_frame(made, book.lazy()).collect(engine="streaming")
    compute_frame(made, book.lazy()).collect()
    assert len(exactly) < 0.01 * len(book)
    assert decided["row"].equals(book["row"])
    # some rows at random, and the first of every outcome and of everything that is said together
    said = decided.unique(["outcome", *words_of(decided)])
    seen = pl.concat([decided.sample(20, seed=1), decided.unique("outcome"), said[:30]])
    assert_equal(made, book.join(seen.select("row"), on="row", how="semi"))


@pytest.mark.parametrize("brand", BRANDS)
def test_a_book_adds_up_to_what_its_rows_do(brand):
    made = load(brand, "bre")
    book = realistic_book(made, 1_000, seed=1)
    decided = decide_frame(made, book.lazy()).collect(engine="streaming")
    named = decided.join(named_rules(made, decided), on=words_of(decided, "hits"), nulls_equal=True)
    decisions = [decide(made, row) for row in book.iter_rows(named=True)]
    assert dict(decided.group_by("outcome").len().iter_rows()) == Counter(d.outcome for d in decisions)
    hits = Counter(v.rule_id for d in decisions for v in d.verdicts if v.verdict == "HIT")
    assert dict(named.explode("rules").drop_nulls("rules").group_by("rules").len().iter_rows()) == hits
    amounts = [d.offer["offered_amount"] for d in decisions if d.offer]
    assert decided["offered_amount"].count() == len(amounts)
    assert decided["offered_amount"].sum() == sum(amounts)


@settings(SETTINGS, max_examples=10)
@given(st.data())
def test_rules_have_the_same_names_in_a_whole_book_as_one_by_one(data):
    made = load("salary4sure", "bre")  # its rules need more than one word of bits
    last = len(made.rules) - WORD_BITS
    row = st.tuples(st.integers(0, 2**WORD_BITS - 1), st.integers(0, 2**last - 1)) | st.just((0, 0))
    rows = data.draw(st.lists(row, max_size=20))
    schema = {"reasons_0": pl.Int64, "reasons_1": pl.Int64}
    named = named_rules(made, pl.DataFrame(rows, schema=schema, orient="row"), "reasons")
    assert {row[:2] for row in named.iter_rows()} == set(rows)
    assert len(named) == len(set(rows))
    assert all(rules == spoken_rules(made, words) for *words, rules in named.iter_rows())


@settings(SETTINGS, max_examples=20)
@given(rule_texts(), st.data())
def test_the_engines_agree_on_generated_rule_sets(text, data):
    made = made_of(text)
    assert_equal(made, data.draw(books(made)))


def test_what_is_too_close_for_doubles_is_decided_exactly(tmp_path):
    made = one_rule(tmp_path, "average_salary_3m * 3 / 3 == 0.1")
    frame = pl.DataFrame({"average_salary_3m": [0.1, 0.2, 0.3]})
    assert decide_frame(made, frame.lazy()).collect()["hits_0"].to_list() == [1, 0, 0]
    assert_equal(made, frame)


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([1, None, -5], dtype=pl.Int32),
        pl.Series(["100.00", "1e5", ""], dtype=pl.String),
        pl.Series([Decimal("35000.005"), None, Decimal("0.01")], dtype=pl.Decimal(20, 3)),
        pl.Series([0.125, 1e300, float("inf")], dtype=pl.Float64),
        pl.Series([True, False, None], dtype=pl.Boolean),
    ],
)
def test_money_comes_in_many_types(tmp_path, column):
    made = one_rule(tmp_path, "average_salary_3m < 35000.01")
    assert_equal(made, column.to_frame("average_salary_3m"))


def test_what_was_supplied_but_cannot_be_read_may_not_be_ignored(tmp_path):
    text = """
ruleset: bre
brand: test
rules:
  - {id: BLACK, when: blacklisted, then: reject, on_missing: ignore, reason: x}
  - {id: CLOSE, when: average_salary_3m * 3 / 3 == 0.1, then: refer, on_missing: ignore, reason: x}
"""
    made = ruleset(tmp_path, text)
    frame = pl.LazyFrame(
        {
            "blacklisted": [None, None, False, None],
            UNREADABLE.format("blacklisted"): [None, True, False, True],
            "average_salary_3m": [None, None, 0.1, 0.1],  # the last two are doubtful: worked out exactly
        },
        schema_overrides={"blacklisted": pl.Boolean},
    )
    decided = decide_frame(made, frame).collect()
    assert decided["outcome"].to_list() == ["APPROVE", "REFER", "REFER", "REFER"]
    assert decided["reasons_0"].to_list() == [0, 1, 2, 3]
    found = frame.select(unreadable(made, frame.collect_schema())["blacklisted"]).collect()
    assert found.to_series().to_list() == [False, True, False, True]


def test_a_frame_without_the_columns_refers_everybody():
    decided = decide_frame(load("qualoan", "bre"), pl.LazyFrame({"other": [1, 2]})).collect()
    assert decided["outcome"].to_list() == ["REFER", "REFER"]
    assert decided["other"].to_list() == [1, 2]


def test_a_list_of_texts_may_hold_an_unknown():
    made = made_of(
        json.dumps(
            {
                "ruleset": "bre",
                "brand": "test",
                "dictionary": "tiny",
                "tables": [
                    {
                        "id": "LETTERS",
                        "hit": "collect",
                        "columns": ["count"],
                        "gives": ["letters"],
                        "rows": [[">= 1", "A"], [">= 2", "= unknown()"], [">= 0", "= mode"]],
                    }
                ],
            }
        )
    )
    assert_equal(made, pl.DataFrame({"count": [0, 1, 2, None]}))


RARE = [
    ("max", [["1.25 .. 1_000.01", "= ratio / 1 * 100 / round_half_up(0.5, -2)"]]),  # a division by zero
    ("collect", [[">= 0", "= flag"], [">= 5", "= unknown()"]]),
    ("collect", [[">= 0", "= day"], [">= 5", "= unknown()"]]),
    ("first", [[">= 0", "= missing(signed)"]]),  # of a column that is not there
]


@pytest.mark.parametrize(("hit", "rows"), RARE)
def test_what_was_seldom_met_and_once_differed(hit, rows):
    table = {"id": "ONLY", "hit": hit, "columns": ["amount"], "gives": ["given"], "rows": rows}
    made = made_of(json.dumps({"ruleset": "bre", "brand": "test", "dictionary": "tiny", "tables": [table]}))
    book = {
        "amount": [1000, 1, None],
        "ratio": [1, 2, 3],
        "flag": [True, None, False],
        "day": [date(2026, 5, 1)] * 3,
    }
    assert_equal(made, pl.DataFrame(book))
