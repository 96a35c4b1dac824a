"""A draft against the rules in force: the figures are those of deciding one by one."""

import csv
import json
from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.backtest import BookError, backtest, scan_book
from pipelines.backtest.deciding import EARNS
from rules import APPROVE, decide, load
from tests.rules.applicants import ASHA, BHARAT, CHITRA, ruleset

CHAMPION = load("qualoan", "bre")
SLOW = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
SIDES = ("champion", "challenger")

RULES = """
ruleset: bre
brand: {brand}
parameters: {{floor: {floor}, limit: {limit}}}
derive:
  offered_amount: floor_to(min(requested_amount, average_salary_3m / 2), 500)
  offered_tenure_days: min(requested_tenure_days, 30)
tables:
  - {{id: PRICE, hit: first, columns: [bureau_score], gives: [roi_percent_per_day, processing_fee_percent], rows: [
      [">= 700", {rate}, 8], [missing, 1, 12], [any, 1, 10.5]]}}
{offer}
rules:
  - {{id: LISTED, when: blacklisted, then: reject, on_missing: ignore, reason: x}}
  - {{id: SCORE, when: bureau_score < floor, then: reject, on_missing: refer, reason: x}}
  - {{id: YOUNG, when: age_years < 21, then: refer, on_missing: reject, reason: x}}
  - {{id: DEAR, when: requested_amount > limit, then: refer, on_missing: ignore, reason: x}}
{more}"""
MORE = "  - {id: BOUNCES, when: inward_bounce_count_3m > 2, then: refer, on_missing: ignore, reason: x}\n"
OFFER = f"offer: [{', '.join(sorted(EARNS))}]"


def pair(folder, **changed):
    """A champion, and a challenger of which something is changed."""
    usual = {"floor": 600, "limit": 50000, "rate": 0.75, "offer": "", "more": ""}
    texts = [RULES.format(brand="test", **usual), RULES.format(brand="test", **usual | changed)]
    return [ruleset(folder / str(index), text) for index, text in enumerate(texts)]


def maybe(strategy):
    return st.none() | strategy


PEOPLE = st.fixed_dictionaries(
    {
        "blacklisted": maybe(st.booleans()),
        "bureau_score": maybe(st.sampled_from([550, 599, 600, 610, 650, 700, 5000])),  # the last: unreadable
        "age_years": maybe(st.sampled_from([18, 20, 21, 40])),
        "requested_amount": maybe(st.sampled_from([5000.5, 40000.0, 50000.0, 50001.0])),
        "requested_tenure_days": maybe(st.sampled_from([7, 30, 45])),
        "average_salary_3m": maybe(st.sampled_from([20000.0, 61033.33, -1.0])),
        "inward_bounce_count_3m": maybe(st.sampled_from([0, 2, 3])),
        "segment": maybe(st.sampled_from(["A", "B"])),
        "decided_on": maybe(st.sampled_from([date(2026, 1, 31), date(2026, 2, 1)])),
        "bad": maybe(st.booleans()),
    }
)
SCHEMA = {
    "blacklisted": pl.Boolean,
    "bureau_score": pl.Int64,
    "age_years": pl.Int64,
    "requested_amount": pl.Float64,
    "requested_tenure_days": pl.Int64,
    "average_salary_3m": pl.Float64,
    "inward_bounce_count_3m": pl.Int64,
    "segment": pl.String,
    "decided_on": pl.Date,
    "bad": pl.Boolean,
}


def book_of(people) -> pl.LazyFrame:
    frame = pl.DataFrame(people, schema=SCHEMA, orient="row")
    return frame.with_columns(application_id=pl.int_range(pl.len()).cast(pl.String)).lazy()


# --- the naive way --------------------------------------------------------------------------------


def naive(rulesets, people):
    """The figures by deciding each person with each rule set."""
    decided = [[decide(one, person) for one in rulesets] for person in people]
    told = {
        "applications": len(people),
        "known": sum(person["bad"] is not None for person in people),
        "matrix": dict(Counter(tuple(d.outcome for d in both) for both in decided)),
        "reasons": [naive_reasons([both[side] for both in decided]) for side in (0, 1)],
    }
    for index, side in enumerate(SIDES):
        approved = [p for p, both in zip(people, decided, strict=True) if both[index].outcome == APPROVE]
        told[side] = naive_repaid(approved) | {"approval_rate": rate(len(approved), len(people))}
    for move, wanted in {
        "swapped_in": (False, True),
        "swapped_out": (True, False),
        "kept": (True, True),
    }.items():
        moving = [
            p
            for p, both in zip(people, decided, strict=True)
            if tuple(d.outcome == APPROVE for d in both) == wanted
        ]
        told[move] = naive_repaid(moving) | {"applications": len(moving)}
    return told, decided


def naive_reasons(decisions):
    first = Counter(d.reasons[0].rule_id for d in decisions if d.reasons)
    among = Counter(verdict.rule_id for d in decisions for verdict in d.reasons)
    only = Counter(d.reasons[0].rule_id for d in decisions if len(d.reasons) == 1)
    return {rule: {"first": first[rule], "all": among[rule], "only": only[rule]} for rule in among}


def naive_repaid(people):
    known = [person["bad"] for person in people if person["bad"] is not None]
    return {"known": len(known), "bad": sum(known), "bad_rate": rate(sum(known), len(known))}


def rate(part, whole):
    return round(part / whole, 6) if whole else None


def assert_equal(figures, expected):
    assert figures["applications"] == expected["applications"]
    assert figures["known"] == expected["known"]
    matrix = {(a, b): n for a, row in figures["matrix"].items() for b, n in row.items() if n}
    assert matrix == expected["matrix"]
    for name in (*SIDES, "swapped_in", "swapped_out", "kept"):
        assert {key: figures[name][key] for key in expected[name]} == expected[name]
    none = {"first": 0, "all": 0, "only": 0}
    told = {reason["rule_id"]: reason for reason in figures["reasons"]}
    for index, side in enumerate(SIDES):
        found = {rule: reason[side] for rule, reason in told.items() if reason[side] != none}
        assert found == expected["reasons"][index]


def test_the_figures_are_those_of_deciding_one_by_one(tmp_path):
    rulesets = pair(tmp_path, floor=620, limit=45000, more=MORE)

    @SLOW
    @given(st.lists(PEOPLE, min_size=1, max_size=30))
    def agree(people):
        told = backtest(*rulesets, book_of(people)).as_dict()
        assert_equal(told["total"], naive(rulesets, people)[0])
        segments = {person["segment"] or "(not stated)" for person in people}
        assert set(told["segments"]) == segments
        for name in segments:
            inside = [p for p in people if (p["segment"] or "(not stated)") == name]
            assert_equal(told["segments"][name], naive(rulesets, inside)[0])
        months = {p["decided_on"].strftime("%Y-%m") if p["decided_on"] else "(not stated)" for p in people}
        assert set(told["months"]) == months
        json.dumps(told)

    agree()


def test_the_changed_cases_are_those_that_are_decided_otherwise(tmp_path):
    rulesets = pair(tmp_path, floor=620, more=MORE)

    @SLOW
    @given(st.lists(PEOPLE, min_size=1, max_size=30))
    def agree(people):
        rows = backtest(*rulesets, book_of(people)).changed_cases().to_dicts()
        decided = naive(rulesets, people)[1]
        changed = {str(n): both for n, both in enumerate(decided) if both[0].outcome != both[1].outcome}
        assert {row["application_id"] for row in rows} == set(changed)
        for row in rows:
            for side, single in zip(SIDES, changed[row["application_id"]], strict=True):
                assert row[f"{side}_outcome"] == single.outcome
                assert row[f"{side}_reasons"] == "; ".join(verdict.rule_id for verdict in single.reasons)

    agree()


def test_the_same_rules_move_nobody():
    people = [ASHA, BHARAT, CHITRA]
    numbers = [{**p, "name_match_pan_bank_percent": 96.5} for p in people]
    book = pl.LazyFrame(numbers, strict=False).with_columns(application_id=pl.lit("1"))
    result = backtest(CHAMPION, CHAMPION, book)
    told = result.as_dict()
    assert told["total"]["swapped_in"]["applications"] == told["total"]["swapped_out"]["applications"] == 0
    assert told["changes"] == []
    assert result.changed_cases().is_empty()


# --- offers ---------------------------------------------------------------------------------------


def test_money_is_to_the_paisa(tmp_path):
    rulesets = pair(tmp_path, offer=OFFER, floor=620, rate=0.85)
    rulesets[0] = pair(tmp_path / "again", offer=OFFER)[1]

    @SLOW
    @given(st.lists(PEOPLE, min_size=1, max_size=20))
    def agree(people):
        total = backtest(*rulesets, book_of(people)).as_dict()["total"]
        decided = naive(rulesets, people)[1]
        for index, side in enumerate(SIDES):
            offers = [both[index].offer for both in decided if both[index].outcome == APPROVE]
            assert {name: Decimal(total[side][name]) for name in ("amount", "interest", "fee")} == earned(
                offers
            )

    agree()


def earned(offers):
    found = Counter({"amount": Decimal(0), "interest": Decimal(0), "fee": Decimal(0)})
    for offer in filter(None, offers):
        amount = offer["offered_amount"]
        interest = amount * offer["roi_percent_per_day"] * offer["offered_tenure_days"] / 100
        fee = amount * offer["processing_fee_percent"] / 100
        found["amount"] += amount
        found["interest"] += interest.quantize(Decimal("0.01"), ROUND_HALF_UP)
        found["fee"] += fee.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return dict(found)


# --- books ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("book", "told"),
    [
        (
            pl.LazyFrame({"aeg_years": [20]}),
            "no column of the book is an input of the rules; its columns: aeg_years",
        ),
        (pl.LazyFrame({"age_years": []}, schema={"age_years": pl.Int64}), "the book has no rows"),
        (pl.LazyFrame({"age_years": [1], "bad": [[1]]}), "column 'bad' is List(Int64); it should be Boolean"),
    ],
)
def test_a_book_that_cannot_be_used_is_refused(book, told):
    with pytest.raises(BookError, match=r".*") as caught:
        backtest(CHAMPION, CHAMPION, book)
    assert told in str(caught.value)


def test_what_is_wrong_with_a_book_is_told(tmp_path):
    csv_file = tmp_path / "book.csv"
    csv_file.write_text(
        "application_id,decided_on,bad,aeg_years,age_years,bureau_score,blacklisted,average_salary_3m\n"
        "1,2026-01-02,yes,3,30,782,no,61000.50\n"
        "2,2026-13-02,0,3,30.0,abc,perhaps,60 000\n"
        "3,,,,,,,\n"
    )
    told = backtest(CHAMPION, CHAMPION, scan_book(csv_file, CHAMPION)).as_dict()["book"]
    assert told["unreadable"] == {
        "average_salary_3m": 1,
        "blacklisted": 1,
        "bureau_score": 1,
        "decided_on": 1,
    }
    assert told["unknown_columns"] == {"aeg_years": "did you mean 'age_years'?"}
    assert "pan_status" in told["missing_inputs"]
    assert (told["rows"], told["known"]) == (3, 2)


def test_a_csv_gives_what_a_typed_frame_gives(tmp_path):
    rulesets = pair(tmp_path, floor=620, more=MORE)

    @SLOW
    @given(st.lists(PEOPLE, min_size=1, max_size=10))
    def agree(people):
        frame = book_of(people).collect()
        frame.write_csv(tmp_path / "book.csv")
        frame.with_columns(pl.col("bureau_score").cast(pl.Float64)).write_parquet(tmp_path / "book.parquet")
        wanted = backtest(*rulesets, frame.lazy()).as_dict()
        for name in ("book.csv", "book.parquet"):
            assert backtest(*rulesets, scan_book(tmp_path / name, rulesets[0])).as_dict() == wanted

    agree()


def test_a_flag_that_cannot_be_read_is_not_taken_for_absent(tmp_path):
    rulesets = pair(tmp_path)
    (tmp_path / "book.csv").write_text("blacklisted,bureau_score,age_years\nperhaps,700,30\n,700,30\n")
    told = backtest(*rulesets, scan_book(tmp_path / "book.csv", rulesets[0])).as_dict()["total"]
    assert told["champion"]["outcomes"] == {"APPROVE": 1, "REFER": 1, "REJECT": 0}


@pytest.mark.parametrize("name", ["book.xlsx", "book.parquet", "none.csv"])
def test_a_file_that_is_no_book_is_refused(tmp_path, name):
    (tmp_path / name.replace("none", "some")).write_text("not a table")
    with pytest.raises(BookError, match=name):
        backtest(CHAMPION, CHAMPION, scan_book(tmp_path / name, CHAMPION))


def test_the_day_of_the_decision_stands_for_the_decision_date(tmp_path):
    text = RULES.format(brand="test", floor=600, limit=50000, rate=1, offer="", more="") + (
        "  - {id: LATER, when: age_years < 60, then: reject, reason: x, effective_from: 2026-02-01}\n"
    )
    later = ruleset(tmp_path, text)
    people = {"blacklisted": False, "bureau_score": 700, "age_years": 30, "requested_amount": 10000}
    days = pl.LazyFrame([{**people, "decided_on": day} for day in ("2026-01-31", "2026-02-01")])
    told = backtest(later, later, days).as_dict()["months"]
    assert [told[month]["champion"]["approval_rate"] for month in ("2026-01", "2026-02")] == [1.0, 0.0]


def test_many_segments_are_put_together(tmp_path):
    rulesets = pair(tmp_path)
    numbers = [*range(100), *range(29)]
    book = pl.LazyFrame({"age_years": [30] * 129, "segment": [f"PIN{n:03}" for n in numbers]})
    segments = backtest(*rulesets, book).as_dict()["segments"]
    assert len(segments) == 31
    assert segments["(others)"]["applications"] == 129 - 29 * 2 - 1


# --- what is read ---------------------------------------------------------------------------------


def test_no_cell_of_the_changed_cases_starts_a_formula(tmp_path):
    rulesets = pair(tmp_path, floor=620)
    people = {"blacklisted": False, "bureau_score": 610, "age_years": 30, "requested_amount": 10000}
    names = ["=cmd()", "+1", "-1", "@x", "\t=1", "fine"]
    book = pl.LazyFrame([{**people, "application_id": name, "segment": name} for name in names])
    backtest(*rulesets, book).write_changed_cases(tmp_path / "changed.csv")
    with (tmp_path / "changed.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["application_id"] for row in rows] == ["'=cmd()", "'+1", "'-1", "'@x", "'\t=1", "fine"]
    assert {row["segment"][0] for row in rows} == {"'", "f"}


def test_the_page_stands_alone_and_runs_nothing_of_the_book(tmp_path):
    rulesets = pair(tmp_path, floor=620)
    evil = "<script>alert(1)</script>"
    book = pl.LazyFrame(
        {"bureau_score": [610, 700], "age_years": [30, 30], "segment": [evil, "b"], evil: [1, 2]}
    )
    html = backtest(*rulesets, book).html()
    assert "<script" not in html
    assert "http" not in html
    assert "SCORE: floor 600 -&gt; 620" in html
    assert html.count("<svg") > 1


def test_progress_is_told(tmp_path):
    seen = []
    book = pl.LazyFrame({"age_years": [30] * 1000})
    backtest(*pair(tmp_path), book, on_stage=lambda stage, rows: seen.append((stage, rows)))
    assert seen[-1] == ("counting", 1000)
    assert ("deciding", 1000) in seen
