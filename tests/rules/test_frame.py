"""Books on polars: every row is decided as `decide` decides it."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import decide, load
from rules.engines.frame import UNREADABLE, decide_frame, spoken_rules, unreadable
from tests.rules.applicants import ASHA, BHARAT, BRANDS, CHITRA, one_rule, ruleset
from tests.rules.generated import applicants, rule_texts

SETTINGS = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
DTYPES = {
    "integer": pl.Int64,
    "money": pl.Float64,
    "number": pl.Float64,
    "text": pl.String,
    "boolean": pl.Boolean,
    "date": pl.Date,
}


def framed(made, people) -> pl.DataFrame:
    """A frame of the usual types; what does not fit a column is a null."""
    schema = {name: DTYPES[feature.type] for name, feature in made.dictionary.items()}
    rows = [
        {name: _fitting(person.get(name), DTYPES[made.dictionary[name].type]) for name in schema}
        for person in people
    ]
    return pl.DataFrame(rows, schema=schema)


def _fitting(value, dtype):
    wanted = {pl.Int64: int, pl.String: str, pl.Boolean: bool}.get(dtype)
    if dtype == pl.Float64:
        if isinstance(value, str):
            value = Decimal(value) if value.replace(".", "", 1).isdigit() and value.isascii() else None
        return (
            float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None
        )
    if wanted is None or type(value) is not wanted or (wanted is int and abs(value) >= 2**63):
        return value if dtype == pl.Date and not isinstance(value, str | int | float | list | dict) else None
    return value


def assert_equal(made, frame: pl.DataFrame) -> None:
    decided = decide_frame(made, frame.lazy()).collect()
    words = range((len(made.rules) + 62) // 63)
    for row, told in zip(frame.iter_rows(named=True), decided.iter_rows(named=True), strict=True):
        single = decide(made, row)
        assert told["outcome"] == single.outcome, row
        hits = [verdict.rule_id for verdict in single.verdicts if verdict.verdict == "HIT"]
        assert spoken_rules(made, [told[f"hits_{word}"] for word in words]) == hits
        unknown = [verdict.rule_id for verdict in single.verdicts if verdict.verdict == "NOT_EVALUATED"]
        assert spoken_rules(made, [told[f"unknown_{word}"] for word in words]) == unknown
        reasons = {verdict.rule_id for verdict in single.reasons}
        assert set(spoken_rules(made, [told[f"reasons_{word}"] for word in words])) == reasons


@pytest.mark.parametrize("brand", BRANDS)
def test_it_works(brand):
    made = load(brand, "bre")
    frame = framed(made, [ASHA, BHARAT, CHITRA, {}, ASHA | {"gambling_debit_share_percent": float("nan")}])
    assert_equal(made, frame)


@pytest.mark.parametrize(
    ("brand", "name"),
    [
        *[(brand, "bre") for brand in BRANDS],
        ("salarybolt", "cam"),
        ("qualoan", "cam"),
        ("salarybolt", "offer"),
    ],
)
def test_the_engines_agree_on_every_shipped_file(brand, name):
    made = load(brand, name)

    @SETTINGS
    @given(st.lists(applicants(made), min_size=8, max_size=16))
    def agree(people):
        assert_equal(made, framed(made, people))

    agree()


def test_the_engines_agree_on_generated_rule_sets(tmp_path):
    @settings(SETTINGS, max_examples=60)
    @given(rule_texts(), st.data())
    def agree(text, data):
        made = ruleset(tmp_path, text)
        assert_equal(made, framed(made, data.draw(st.lists(applicants(made), min_size=1, max_size=8))))

    agree()


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
