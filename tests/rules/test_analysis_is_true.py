"""What reasoning says of rules and tables holds for everybody: of generated rules, on generated inputs."""

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rules import compile_ruleset
from rules.analysis import analyse
from rules.analysis.about_tables import Look
from rules.analysis.space import Space
from rules.engines.evaluator import worked_out
from tests.rules.generated import applicants, conditions
from tests.rules.written import FILE, HEAD, rule

THOROUGH = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def rule_file(whens):
    return (
        HEAD
        + "rules:\n"
        + "".join(rule(when, then, name=f"R{index}") for index, (when, then) in enumerate(whens))
    )


FEATURES = """\
age_years: {type: integer, minimum: 0, maximum: 130, meaning: x}
bureau_score: {type: integer, minimum: 1, maximum: 1000, meaning: x}
inward_bounce_count_3m: {type: integer, minimum: 0, maximum: 9, meaning: x}
average_salary_3m: {type: money, minimum: 0, maximum: 100000, meaning: x}
salary_variance_percent: {type: number, minimum: 0, maximum: 1000, meaning: x}
city_tier: {type: text, values: [A, B, C], meaning: x}
bureau_hit: {type: boolean, meaning: x}
blacklisted: {type: boolean, meaning: x}
pan_aadhaar_linked: {type: boolean, meaning: x}
"""


def test_never_always_and_shadowed_are_true_of_everybody():
    """Of generated rules, on generated inputs: what is said never to fire never does, and so on."""

    @THOROUGH
    @given(
        st.lists(st.tuples(conditions(), st.sampled_from(["reject", "refer"])), min_size=2, max_size=5),
        st.data(),
    )
    def holds(whens, data):
        made = compile_ruleset(FILE, {FILE: rule_file(whens), "features.yaml": FEATURES})
        said = [problem.message.split() for problem in analyse(made)]
        assume(said)
        for _ in range(6):
            results = made.conditions(worked_out(made, data.draw(applicants(made)))[0])
            of = dict(zip((rule.id for rule in made.rules), results, strict=True))
            for name, *words in said:
                if "never" in words:
                    assert of[name] is not True
                if "always" in words:
                    assert of[name] is not False
                if "shadowed" in words and of[name] is True:
                    assert of[words[-1]] is True

    holds()


CELLS = {
    "bureau_score": [
        "any",
        "missing",
        "'>= 600'",
        "'< 600'",
        "'600 .. 749'",
        "'> 749'",
        "'>= 700 and < 800'",
        "1",
    ],
    "city_tier": ["any", "missing", "A", "'A, B'", "not A", "not C"],
    "pan_aadhaar_linked": ["any", "missing", "true", "false"],
}


def tables():
    row = st.tuples(*(st.sampled_from(cells) for cells in CELLS.values()))

    def text(rows):
        lines = "".join(f"      - [{', '.join(row)}, {index}]\n" for index, row in enumerate(rows))
        head = f"tables:\n  - id: TT\n    columns: [{', '.join(CELLS)}]\n    gives: [x]\n    rows:\n"
        return HEAD + head + lines

    return st.lists(row, min_size=1, max_size=7).map(text)


def people():
    return st.fixed_dictionaries(
        {},
        optional={
            "bureau_score": st.sampled_from([1, 599, 600, 699, 700, 749, 750, 799, 800, 1000]),
            "city_tier": st.sampled_from(["A", "B", "C"]),
            "pan_aadhaar_linked": st.booleans(),
        },
    )


@THOROUGH
@given(tables(), st.lists(people(), min_size=20, max_size=20))
def test_gaps_and_rows_never_reached_are_what_they_are_said_to_be(text, applicants):
    made = compile_ruleset(FILE, {FILE: text, "features.yaml": FEATURES})
    look = Look(made.steps[0], Space(made, readable=True))
    idle = {index for index in range(len(look.table.rows)) if look.is_covered(index)}
    given = [worked_out(made, applicant)[0]["x"] for applicant in applicants]
    assert not {value for value in given if isinstance(value, int)} & idle
    gap = look.gap()
    if gap is None:
        assert all(isinstance(value, int) for value in given)
    else:
        assert not isinstance(worked_out(made, example(gap))[0]["x"], int)


def example(box):
    """One applicant of a box: the first value of each state."""
    return {name: _some(state.values) for name, state in box.items() if state.values}


def _some(values):
    return int(values.low) if hasattr(values, "ranges") else sorted(values.listed)[0]
