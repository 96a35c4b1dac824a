import csv
import io

import polars as pl
import pytest
from click.testing import CliRunner

from app.banking.cli import bsa
from pipelines import EvidenceError
from pipelines.bsa.evaluation import COLUMNS, labelled_templates, labelled_transactions, predictions, scores
from tests.pipelines.labelled import FOLDER, SETS, rows

AIM = 0.95


@pytest.mark.parametrize("name", SETS)
def test_every_label_reaches_the_aim(name):
    told = predictions(labelled_transactions(pl.read_csv(FOLDER / f"{name}.csv", infer_schema=False)))
    lines = scores(told)
    assert {line["label"] for line in lines if line["rows"] >= 50} == {line["label"] for line in lines}
    assert [line for line in lines if min(line["precision"], line["recall"]) < AIM] == []


@pytest.mark.parametrize("name", SETS)
def test_the_shipped_sets_are_what_the_maker_makes(name):
    made = io.StringIO()
    writer = csv.DictWriter(made, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(name))
    assert (FOLDER / f"{name}.csv").read_text(encoding="utf-8") == made.getvalue()


LINES = [
    ("s", "a", "1", "2026-05-01", "CR", "50000", "50000", "SALARY APR ACME LTD", "SALARY"),
    ("s", "a", "2", "2026-05-02", "DR", "2000", "48000", "ATW-1-PUNE", "TRANSFER"),
    ("s", "a", "3", "2026-05-03", "DR", "100", "47900", "UPI/DR/412345678901/RAVI", "TRANSFER"),
]


def table(*lines: tuple) -> pl.DataFrame:
    return pl.DataFrame(lines, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def test_precision_and_recall_are_counted():
    by_label = {line["label"]: line for line in scores(predictions(labelled_transactions(table(*LINES))))}
    assert (by_label["SALARY"]["precision"], by_label["SALARY"]["recall"]) == (1.0, 1.0)
    assert (by_label["TRANSFER"]["rows"], by_label["TRANSFER"]["predicted"]) == (2, 1)
    assert (by_label["TRANSFER"]["precision"], by_label["TRANSFER"]["recall"]) == (1.0, 0.5)
    assert (by_label["CASH"]["precision"], by_label["CASH"]["recall"]) == (0.0, None)


@pytest.mark.parametrize(
    ("at", "value", "told"),
    [(3, "01/05/2026", "date in row 1"), (4, "C", "side in row 1"), (5, "x", "amount"), (8, "PAY", "label")],
)
def test_a_row_that_cannot_be_read_is_named(at, value, told):
    line = [*LINES[0]]
    line[at] = value
    with pytest.raises(EvidenceError, match=told):
        labelled_transactions(table(tuple(line)))


def test_the_command_prints_and_judges(tmp_path):
    file = tmp_path / "mine.csv"
    table(*LINES).write_csv(file)
    result = CliRunner().invoke(bsa, ["evaluate", str(file), "--misses", "--minimum", "0.9"])
    assert result.exit_code == 1
    assert "mine.csv: 3 transactions, 1 statements" in result.output
    assert "TRANSFER taken for CASH (CASH_WITHDRAWAL): ATW-1-PUNE" in result.output
    assert "below 0.9: TRANSFER, CASH" in result.output


def test_the_command_takes_the_shipped_sets():
    result = CliRunner().invoke(bsa, ["evaluate", "--minimum", str(AIM)])
    assert result.exit_code == 0, result.output
    assert "unseen.csv" in result.output


def test_a_file_that_is_no_such_csv(tmp_path):
    file = tmp_path / "x.csv"
    file.write_bytes(b"\xff\xfea,b\n1,2\n")
    result = CliRunner().invoke(bsa, ["evaluate", str(file)])
    assert (result.exit_code, "x.csv" in result.output) == (1, True)


def test_masked_templates_are_taken_too(tmp_path):
    file = tmp_path / "templates.csv"
    lines = [
        ("HDFC", "ATM WITHDRAWAL", "DR", "ATW-#6XXXXXX#4-<an8>-<w>", "7"),
        ("HDFC", "LOAN BOUNCE", "CR", "EMI#8 <an24> #4", "3"),
        ("SBI", "FUEL", "DR", "TO TRANSFER-UPI/DR/#12/<w>/SBIN", "2"),
    ]
    columns = ("bank", "vendor_category", "side", "template", "count")
    pl.DataFrame(lines, schema=dict.fromkeys(columns, pl.String), orient="row").write_csv(file)
    told = {
        line["label"]: line
        for line in scores(predictions(labelled_templates(pl.read_csv(file, infer_schema=False))))
    }
    assert (told["CASH"]["rows"], told["CASH"]["right"]) == (7, 7)
    assert (told["BOUNCE"]["rows"], told["BOUNCE"]["right"]) == (3, 3)
    assert told["TRANSFER"]["precision"] == 0.0
