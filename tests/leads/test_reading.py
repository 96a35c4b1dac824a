"""A file of leads is read whatever wrote it, and a bad row is told by its line."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.leads import reading
from app.leads.reading import FileProblem, layout_of, lead_of, rows

FACEBOOK = (
    "id\tcreated_time\tad_id\tad_name\tadset_id\tadset_name\tcampaign_id\tcampaign_name\tform_id\tform_name\t"
    "is_organic\tplatform\twhat_is_your_monthly_salary?\tfull_name\tphone_number\temail\tcity\n"
    "l:1001\t2026-11-01T10:20:30+05:30\tag:11\tDiwali\tas:12\tMetro\tc:13\tSalary now\tf:14\tShort form\t"
    "false\tfb\t35,000\tAsha Rao\tp:+919812345670\tasha@example.com\tPune\n"
)


def leads_of(data: bytes) -> list[tuple[int, reading.Lead | str]]:
    stream = io.BytesIO(data)
    layout = layout_of(stream)
    return [(row.line_no, row.fault or lead_of(layout.header, row.cells)) for row in rows(stream, layout)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
def test_the_same_lead_is_read_from_every_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    text = FACEBOOK if delimiter == "\t" else FACEBOOK.replace("35,000", '"35,000"').replace("\t", delimiter)
    ((line_no, lead),) = leads_of(text.replace("Asha Rao", "Ashé Rao").encode(encoding))
    assert line_no == 2
    assert lead.faults == []
    assert (lead.columns["name"], lead.columns["phone"]) == ("Ashé Rao", "9812345670")
    assert (lead.columns["campaign_id"], lead.columns["ad_id"]) == ("13", "11")
    assert lead.columns["submitted_at"].isoformat() == "2026-11-01T10:20:30+05:30"
    assert lead.responses == {"what_is_your_monthly_salary?": "35,000"}


@pytest.mark.parametrize(
    "spelt",
    [
        "9812345670",
        "+91 98123 45670",
        "p:+919812345670",
        "09812345670",
        "91-98123-45670",
        "'9812345670",
        "\u202a98123 45670\u202c",
    ],
)
def test_a_phone_is_known_however_it_is_written(spelt: str) -> None:
    assert lead_of(["Phone Number"], [spelt]).columns["phone"] == "9812345670"


@pytest.mark.parametrize(
    ("spelt", "fault"),
    [
        ("", "phone: missing"),
        ("12345", "phone: not an Indian mobile number"),
        ("5812345670", "phone: not an Indian mobile number"),
        ("9.19812E+11", "phone: a spreadsheet has rounded the number; export the file again"),
    ],
)
def test_a_phone_that_is_none_is_a_fault(spelt: str, fault: str) -> None:
    assert lead_of(["mobile"], [spelt]).faults == [fault]


def test_a_bad_email_is_left_out_and_told() -> None:
    lead = lead_of(["phone", "email"], ["9812345670", "asha at example"])
    assert lead.faults == []
    assert lead.notes == ["email: not an address, left out"]
    assert "email" not in lead.columns


def test_first_and_last_name_make_the_name() -> None:
    lead = lead_of(["phone", "first_name", "last_name"], ["9812345670", "Asha", "Rao"])
    assert lead.columns["name"] == "Asha Rao"


def test_a_row_that_does_not_fit_is_told_by_its_line_and_the_next_one_is_read() -> None:
    found = leads_of(b'phone,name\n9812345670,A,B\n"98123""x"y,C\n9812345671,D\n\n9812345672,"E')
    assert found[0] == (2, "3 fields where the header has 2")
    assert found[1][0] == 3
    assert "quotation mark" in found[1][1]
    assert found[2][1].columns["phone"] == "9812345671"
    assert found[3] == (6, "a quotation mark opens on line 6 and is not closed by line 6")


def test_a_field_may_span_lines_and_lines_are_counted_all_the_same() -> None:
    found = leads_of(b'phone,name\n9812345670,"A\nB"\nx,C\n')
    assert [line for line, _ in found] == [3, 4]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"PK\x03\x04rest", "workbook"),
        (b"name,city\nA,B\n", "No column holds a phone"),
        (b"phone\x00\x01\x02", "not text"),
        (b"\xff\xfep\x00h\x00o", "UTF-16"),
    ],
)
def test_what_is_no_list_of_leads_is_refused_with_a_reason(data: bytes, said: str) -> None:
    with pytest.raises(FileProblem, match=said):
        layout_of(io.BytesIO(data))


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(noise: bytes) -> None:
    for data in (noise, b"phone,name\n" + noise, ("phone\tname\n").encode("utf-16") + noise):
        with suppress(FileProblem):
            assert all(line_no > 0 for line_no, _ in leads_of(data))


@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=20), min_size=1, max_size=6
    )
)
def test_every_row_that_was_written_comes_out_once(names: list[str]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([["phone", "name"], *(["9812345670", name] for name in names)])
    found = leads_of(text.getvalue().encode())
    assert len(found) == len(names)
