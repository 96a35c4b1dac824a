"""The formats, on rows made by hand."""

import csv
import io
import json
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from reports.write import BLOCK_ROWS, FORMATS, rows_of, write_csv, write_jsonl_blocks
from tests.reports.tiny import NOTHING, REPORT, ROW, produced

HEADER = "loan_no,mobile,amount,roi_pct,fee_pct,tenure_days,due_date,disbursed_at,verified,priority"
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_of(rows, directory: Path, **options) -> bytes:
    path = directory / "rows.csv"
    write_csv(produced(rows, directory, **options), path)
    return path.read_bytes()


def test_golden_csv(tmp_path):
    odd = ROW | {"loan_no": 'said "no", twice', "verified": False}
    assert csv_of([ROW, odd, NOTHING], tmp_path).decode() == (
        f"\ufeff{HEADER}\r\n"
        "L-1,98xxxxxx10,30000.00,0.7500,30.00,30,30-06-2026,01-06-2026 01:30:00,Y,\r\n"
        '"said ""no"", twice",98xxxxxx10,30000.00,0.7500,30.00,30,30-06-2026,01-06-2026 01:30:00,N,\r\n'
        ",,,,,,,,,\r\n"
    )


def test_nothing_found_is_a_header(tmp_path):
    assert csv_of([], tmp_path).decode() == f"\ufeff{HEADER}\r\n"


def test_a_negative_amount_is_a_number_not_a_formula(tmp_path):
    assert b",-5.00," in csv_of([ROW | {"amount": Decimal("-5.00")}], tmp_path)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
@example(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "'=1", '"=1', " =1", "a,b\r\nc"])
def test_no_cell_starts_a_formula_and_every_cell_is_told(texts):
    with TemporaryDirectory() as directory:
        data = csv_of([ROW | {"loan_no": text} for text in texts], Path(directory))
    cells = [row[0] for row in list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))[1:]]
    assert not [cell for cell in cells if cell.startswith(DANGEROUS)]
    assert cells == [f"'{text}" if text.startswith(DANGEROUS) else text for text in texts]


def test_golden_json_lines(tmp_path):
    write_jsonl_blocks(produced([ROW, NOTHING], tmp_path), tmp_path / "rows.jsonl")
    first, second = (json.loads(line) for line in (tmp_path / "rows.jsonl").read_text().splitlines())
    assert first == {
        "loanNo": "L-1",
        "mobile": "98xxxxxx10",
        "amount": "30000.00",
        "roiPct": "0.7500",
        "feePct": "30.00",
        "tenureDays": 30,
        "dueDate": "2026-06-30",
        "disbursedAt": "2026-05-31T20:00:00.000000+00:00",
        "verified": True,
        "priority": None,
    }
    assert set(second.values()) == {None}


def test_any_block_of_json_lines_can_be_read_alone(tmp_path):
    many = [ROW | {"loan_no": f"L-{n} \u2028 \n \r"} for n in range(2 * BLOCK_ROWS + 7)]
    starts = write_jsonl_blocks(produced(many, tmp_path), tmp_path / "rows.jsonl")
    data = (tmp_path / "rows.jsonl").read_bytes()
    assert (len(starts), starts[0], starts[-1]) == (4, 0, len(data))
    last = rows_of(data[starts[2] : starts[3]])
    assert [row["loanNo"] for row in last] == [row["loan_no"] for row in many[2 * BLOCK_ROWS :]]


def test_parquet_keeps_the_types(tmp_path):
    FORMATS["parquet"].write(produced([ROW], tmp_path), tmp_path / "out.parquet")
    frame = pl.read_parquet(tmp_path / "out.parquet")
    assert dict(frame.schema) == {column.name: column.kind.dtype for column in REPORT.columns}


def test_totals(tmp_path):
    other = ROW | {"amount": Decimal("10000.01"), "roi_pct": Decimal("1.0000"), "verified": None}
    assert produced([ROW, other], tmp_path).totals == {
        "count": 2,
        "amount": "40000.01",
        "average_ticket": "20000.01",
        "average_roi_pct": "0.81",
        "count_by_verified": {"true": 1, "": 1},
    }


def test_totals_of_nothing(tmp_path):
    assert produced([], tmp_path).totals == {
        "count": 0,
        "amount": "0.00",
        "average_ticket": None,
        "average_roi_pct": None,
        "count_by_verified": {},
    }
