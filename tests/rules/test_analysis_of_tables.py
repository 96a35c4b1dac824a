"""What reasoning finds in decision tables and scorecards: rows never reached, rows that overlap, gaps."""

import pytest

from tests.rules.written import found


def table(*rows, columns="bureau_score, city_tier", hit="first", head=""):
    lines = "".join(f"      - [{row}]\n" for row in rows)
    return found(
        f"{head}tables:\n  - id: TT\n    hit: {hit}\n    columns: [{columns}]\n    gives: [x]\n    rows:\n{lines}"
    )


WAY_OUT = "(add a row for it; [any, any, unknown] gives nothing on purpose)"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("'>= 600', any, 1", "missing, any, 2"), [f"4:5: no row for bureau_score 1 .. 599: 'TT' {WAY_OUT}"]),
        (("'>= 600', any, 1", "'< 600', any, 2"), [f"4:5: no row for bureau_score missing: 'TT' {WAY_OUT}"]),
        (
            ("'>= 600', any, 1", "'< 600', 'A, B', 2", "missing, any, unknown"),
            [f"4:5: no row for bureau_score 1 .. 599, city_tier C: 'TT' {WAY_OUT}"],
        ),
        (
            ("'>= 600', any, 1", "'>= 700', A, 2", "any, any, 3"),
            ["10:9: this row is never reached: '>= 700, A, 2' (row 1 above takes its place)"],
        ),
        (
            ("'>= 600', any, 1", "'< 600', any, 2", "missing, any, 4", "any, any, 3"),
            ["12:9: this row is never reached: 'any, any, 3' (what stands above takes its place)"],
        ),
        (
            ("'>= 2000', any, 1", "any, any, 3"),
            [
                "9:9: this row can never match: '>= 2000, any, 1' "
                "(bureau_score >= 2000 never holds: bureau_score is 1 .. 1000)"
            ],
        ),
        (("'> 600', any, 1", "'>= 600', any, 2", "any, any, 3"), []),
    ],
)
def test_rows_that_are_never_reached_and_gaps_are_found(rows, said):
    assert table(*rows) == said


def test_one_row_may_match_where_one_is_meant():
    rows = ("'>= 600', any, 1", "'<= 600', A, 2", "missing, any, 3", "'< 600', 'B, C, missing', 4")
    (overlap, gap) = table(*rows[:3], "'< 600', not A, 4", hit="unique")[::-1]
    assert overlap == (
        "10:9: with hit \"unique\" one row may match: '<= 600, A, 2' "
        "(row 1 matches too, for bureau_score 600, city_tier A)"
    )
    assert gap.startswith("4:5: no row for bureau_score 1 .. 599, city_tier missing: 'TT'")


def test_a_table_that_collects_may_say_the_same_twice():
    assert table("'>= 600', any, 1", "'>= 600', any, 2", "any, any, 3", hit="collect") == []


def test_a_column_that_is_a_parameter_waits_for_other_brands():
    head = "parameters: {mode: SOFT}\n"
    assert table("SOFT, 1", "HARD, 2", columns="mode", head=head) == []
    (problem,) = table("HARD, 2", columns="mode", head=head)
    assert "no row for" in problem


def test_bins_are_looked_at_like_tables():
    text = """\
scorecards:
  - id: RISK
    gives: points
    characteristics:
      - of: inward_bounce_count_3m
        bins: [["> 5", 20], ["> 7", 30], ["0", 0], [missing, 9]]
"""
    assert found(text) == [
        "7:9: no row for inward_bounce_count_3m 1 .. 5: 'RISK.inward_bounce_count_3m' "
        "(add a row for it; [any, unknown] gives nothing on purpose)",
        "8:29: this row is never reached: '> 7, 30' (row 1 above takes its place)",
    ]
