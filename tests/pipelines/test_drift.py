"""Drift: indices computed by hand, and what they promise whatever the numbers."""

import json
import math
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.backtest import BookError
from pipelines.drift import FLOOR, drift, psi
from rules import APPROVE, decide
from tests.rules.applicants import ruleset

COUNTS = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 1000)), min_size=1, max_size=12).filter(
    lambda pairs: sum(a for a, _ in pairs) and sum(b for _, b in pairs)
)

RULES = """
ruleset: bre
brand: test
rules:
  - {id: SCORE, when: bureau_score < 600, then: reject, reason: x}
  - {id: CITY, when: city_tier == "C", then: refer, reason: x}
  - {id: SALARY, when: average_salary_3m < 20000, then: refer, reason: x}
"""


@pytest.mark.parametrize(
    ("baseline", "current", "expected"),
    [
        # (0.3-0.2) ln 1.5 + 0 + (0.25-0.3) ln(0.25/0.3) + (0.15-0.2) ln 0.75
        ((0.2, 0.3, 0.3, 0.2), (0.3, 0.3, 0.25, 0.15), 0.0640467),
        ((0.1,) * 10, (0.08, 0.09, *(0.1,) * 6, 0.11, 0.12), 0.0101160),
        # an empty bin counts as FLOOR: (0.0001-0.5) ln 0.0002 + (1-0.5) ln 2
        ((50, 50), (0, 100), 4.6043184),
    ],
)
def test_it_is_the_sum_over_bins(baseline, current, expected):
    assert psi(baseline, current) == pytest.approx(expected, abs=2e-7)


@given(COUNTS)
def test_it_is_never_negative_and_the_same_both_ways(pairs):
    baseline, current = zip(*pairs, strict=True)
    assert psi(baseline, current) >= 0
    assert psi(baseline, current) == pytest.approx(psi(current, baseline), abs=1e-9)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(sum), st.integers(1, 9))
def test_equal_shares_have_none(counts, times):
    assert psi(counts, [count * times for count in counts]) == pytest.approx(0, abs=1e-9)


# --- books ----------------------------------------------------------------------------------------

PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "bureau_score": st.none() | st.sampled_from([550, 600, 700, 800, 5000]),
            "city_tier": st.none() | st.sampled_from(["A", "B", "C", "Z"]),
            "average_salary_3m": st.none() | st.floats(0, 1e6).map(lambda amount: round(amount, 2)),
            "decided_on": st.sampled_from([date(2026, 1, 1), date(2026, 1, 2)]),
        }
    ),
    min_size=1,
    max_size=40,
)
SCHEMA = {
    "bureau_score": pl.Int64,
    "city_tier": pl.String,
    "average_salary_3m": pl.Float64,
    "decided_on": pl.Date,
}


def frame(people) -> pl.LazyFrame:
    return pl.DataFrame(people, schema=SCHEMA, orient="row").lazy()


@settings(max_examples=10, deadline=None)
@given(people=PEOPLE)
def test_a_book_has_not_drifted_from_itself(tmp_path_factory, people):
    made = ruleset(tmp_path_factory.mktemp("rules"), RULES)
    told = drift(made, frame(people), frame(people)).as_dict()
    assert {one["psi"] for one in told["inputs"]} == {0.0}
    assert told["outcomes"]["psi"] == 0
    for one in told["inputs"]:
        assert sum(bin_["baseline"] for bin_ in one["bins"]) == pytest.approx(1, abs=1e-4)
    json.dumps(told)


@settings(max_examples=10, deadline=None)
@given(people=PEOPLE)
def test_the_funnel_and_the_reasons_are_those_of_deciding_one_by_one(tmp_path_factory, people):
    made = ruleset(tmp_path_factory.mktemp("rules"), RULES)
    told = drift(made, frame(people), frame(people)).as_dict()
    for day in (date(2026, 1, 1), date(2026, 1, 2)):
        decisions = [decide(made, person) for person in people if person["decided_on"] == day]
        rows = [row for row in told["funnel"] if (row["period"], row["day"]) == ("current", day.isoformat())]
        assert [(row["applications"], row["approved"]) for row in rows] == (
            [(len(decisions), sum(d.outcome == APPROVE for d in decisions))] if decisions else []
        )
        for rule in made.rules:
            among = sum(any(verdict.rule_id == rule.id for verdict in d.reasons) for d in decisions)
            first = sum(bool(d.reasons) and d.reasons[0].rule_id == rule.id for d in decisions)
            found = [
                (row["first"], row["all"])
                for row in told["reasons"]
                if (row["period"], row["day"], row["rule_id"]) == ("current", day.isoformat(), rule.id)
            ]
            assert found == ([(first, among)] if among else [])


def scores(*values) -> pl.LazyFrame:
    return pl.LazyFrame({"bureau_score": values}, schema={"bureau_score": pl.Int64})


def test_bins_come_from_the_baseline_and_missing_is_one(tmp_path):
    made = ruleset(tmp_path, RULES)
    baseline, current = scores(*range(500, 600)), scores(*[None] * 50, *range(550, 600))
    (one,) = drift(made, baseline, current).as_dict()["inputs"]
    assert [bin_["bin"] for bin_ in one["bins"]][:2] == ["to 509", "509 .. 519"]
    assert [bin_["bin"] for bin_ in one["bins"]][-2:] == ["above 589", "(missing)"]
    assert one["missing"] == {"baseline": 0, "current": 0.5}
    shares = [(0.1, FLOOR)] * 5 + [(0.1, 0.1)] * 5 + [(FLOOR, 0.5)]
    expected = sum((a - e) * math.log(a / e) for e, a in shares)
    assert one["psi"] == pytest.approx(expected, abs=1e-6)
    assert one["state"] == "act"


def test_a_constant_that_falls_is_seen(tmp_path):
    (one,) = drift(ruleset(tmp_path, RULES), scores(*[650] * 20), scores(*[500] * 20)).as_dict()["inputs"]
    assert one["state"] == "act"


def test_a_new_value_and_an_input_that_stopped_coming_are_seen(tmp_path):
    made = ruleset(tmp_path, RULES)
    baseline = pl.LazyFrame({"city_tier": ["A"] * 10, "bureau_score": [700] * 10})
    told = drift(made, baseline, pl.LazyFrame({"city_tier": ["B"] * 10})).as_dict()
    assert {one["name"]: one["state"] for one in told["inputs"]} == {
        "city_tier": "act",
        "bureau_score": "act",
    }


def test_scores_are_compared_too(tmp_path):
    card = """
scorecards:
  - {id: RISK, gives: points, base: 0, characteristics: [{of: bureau_score, bins: [["< 600", 60], [any, 0]]}]}
"""
    made = ruleset(tmp_path, RULES + card)
    (score,) = drift(made, scores(*[700] * 10), scores(*[550] * 5, *[700] * 5)).as_dict()["scores"]
    assert (score["name"], score["state"]) == ("points", "act")
    assert [bin_["current"] for bin_ in score["bins"] if bin_["bin"] == "above 0"] == [0.5]


def test_a_book_without_rows_is_refused(tmp_path):
    with pytest.raises(BookError, match="current book has no rows"):
        drift(ruleset(tmp_path, RULES), scores(700), scores())


def test_the_page_stands_alone(tmp_path):
    html = drift(ruleset(tmp_path, RULES), scores(700, 710), scores(500, 510)).html()
    assert "<script" not in html
    assert "http" not in html
    assert "bureau_score" in html
