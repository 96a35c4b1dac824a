"""Faulty and hostile rule files: what is said of each, word for word, and that only problems ever come out.

faulty_files.txt has the files, less their first line "ruleset: bre"; what is said of each follows it after "! ".
"""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules import Place, RulesError, check, compile_ruleset, faults
from rules.language.files import Folder
from rules.language.source import parse

FILE = "brands/test/bre.yaml"
BLOCKS = Path(__file__).with_name("faulty_files.txt").read_text(encoding="utf-8").split("\n---\n")
SHIPPED = dict(Folder())
NAMES = sorted(
    name for name in SHIPPED if name.startswith(("brands/", "base/")) and not name.endswith("cases.yaml")
)


def test_there_are_many_of_them():
    assert len(BLOCKS) > 80


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_what_is_said_of_a_faulty_file(block):
    lines = block.splitlines()
    text = "\n".join(["ruleset: bre", *(line for line in lines if not line.startswith("! "))])
    told = [str(problem).removeprefix(f"{FILE}:") for problem in faults(FILE, {FILE: text})]
    assert told == [line.removeprefix("! ") for line in lines if line.startswith("! ")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: " + "[" * 5000 + "]" * 5000, "1:27: more than 20 levels of nesting"),
        ("rules:\n\t- id: ONE", "2:1: not readable as YAML"),
        ("ruleset: bre\nrules: [", "not readable as YAML"),
        ("ruleset: \x00", "not readable as YAML"),
        ("ruleset: \ud800", "this text is no UTF-8"),
        ("ruleset: 'x\n" * 3, "not readable as YAML"),
        ("x" * 1_000_001, "1:1: a rule file may have 1,000,000 characters"),
        ("&a [*a]", "YAML aliases are not allowed"),
        ("ruleset: !!python/object/apply:os.system [true]", "YAML tags are not allowed"),
        ("--- a\n--- b", "expected a single document"),
        ("[]", "1:1: a rule file is a list of sections: ruleset, rules, ..."),
    ],
    ids=range(11),
)
def test_hostile_texts_are_refused(text, said):
    with pytest.raises(RulesError) as caught:
        compile_ruleset(FILE, {FILE: text})
    assert said in str(caught.value)


def test_a_file_that_is_no_utf8_is_refused(tmp_path):
    (tmp_path / "odd.yaml").write_bytes(b"ruleset: \xff\xfe")
    with pytest.raises(RulesError, match="cannot read the file"):
        check(tmp_path / "odd.yaml")


@pytest.mark.parametrize("name", ["x" * 3000, "a\0b", "../setup.cfg", "/etc/hosts", "", "base"])
def test_what_no_file_of_the_folder_can_be_called_is_not_there(name):
    assert name not in Folder()


def test_every_value_knows_its_place():
    cell = parse("a: 1\nb:\n  - 'two'\n", "x.yaml")
    assert cell.value["b"].value[0].place == Place("x.yaml", 3, 6)


ODD = st.sampled_from(
    [
        *(
            "null",
            "~",
            "{}",
            "[]",
            "[[]]",
            "{a: 1}",
            "&a 1",
            "*a",
            "!!binary aGk=",
            "\t",
            "\x00",
            "é",
            "\ud800",
        ),
        *("'", '"', "|", "- ", ": ", "? ", "1e999", "-1", "9" * 300, "true", "2026-02-30", "{name}", "{a.b}"),
        *(
            "{0}",
            "{!r}",
            "and",
            "not " * 60,
            "(" * 50,
            "any",
            "missing",
            "unknown",
            "= x",
            ">=",
            "a..b",
            "..",
            "%",
        ),
        *("---", "#", "1.5.6", "0x10", "<<: {a: 1}", "then: [x]", "otherwise: {a: 1}", "id: ONE"),
    ]
)
PLACES = st.floats(0, 1, exclude_max=True)


def _cut_out(lines, at, inside, odd):
    del lines[at]


def _repeat(lines, at, inside, odd):
    lines.insert(at, lines[int(inside * len(lines))])


def _put_in(lines, at, inside, odd):
    cut = int(inside * (len(lines[at]) + 1))
    lines[at] = lines[at][:cut] + odd + lines[at][cut:]


def _replace_value(lines, at, inside, odd):
    lines[at] = lines[at].partition(":")[0] + ": " + odd


def _shift(lines, at, inside, odd):
    lines[at] = " " * int(inside * 8) + lines[at].strip()


CHANGES = st.lists(
    st.tuples(
        st.sampled_from([_cut_out, _repeat, _put_in, _put_in, _replace_value, _shift]), PLACES, PLACES, ODD
    ),
    min_size=1,
    max_size=3,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(NAMES), CHANGES)
def test_a_shipped_file_changed_at_random_is_sound_or_refused_with_places(name, changes):
    lines = SHIPPED[name].splitlines()
    for change, at, inside, odd in changes:
        change(lines, int(at * len(lines)), inside, odd)
    for problem in faults(name, {**SHIPPED, name: "\n".join(lines)}):
        assert problem.message
        assert problem.place.file in {*SHIPPED, name}
        assert min(problem.place.line, problem.place.column) >= 1
