"""How well transactions are told apart: precision and recall against labels that a person, or a maker, gave."""

from typing import Any

import polars as pl

from pipelines.bsa.features import Banking, read_banking
from pipelines.bsa.patterns import Patterns
from pipelines.errors import EvidenceError
from pipelines.frames import CREDIT, DEBIT, TRANSACTIONS
from pipelines.money import money_of

LABELS = ("SALARY", "EMI", "BOUNCE", "TRANSFER", "CASH")
OTHER = "OTHER"
COLUMNS = ("statement_id", "account_ref", "txn_id", "date", "side", "amount", "balance", "narration", "label")

# The label that a category stands for; SALARY is told by the row, since a salary needs no word for it.
_OF_CATEGORY = {
    "EMI": "EMI",
    "MANDATE_RETURN": "BOUNCE",
    "CHEQUE_RETURN_INWARD": "BOUNCE",
    "BOUNCE_CHARGE": "BOUNCE",
    "TRANSFER_IN": "TRANSFER",
    "TRANSFER_OUT": "TRANSFER",
    "OWN_TRANSFER": "TRANSFER",
    "CASH_DEPOSIT": "CASH",
    "CASH_WITHDRAWAL": "CASH",
}


def labelled_transactions(table: pl.DataFrame) -> pl.DataFrame:
    """The columns COLUMNS as text, checked and in the schema of pipelines.frames, with `label`.

    Raises EvidenceError naming the column, or the first row, that is wrong.
    """
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise EvidenceError(missing[0], "is a column that labelled transactions have")
    read = table.select(
        "statement_id",
        "account_ref",
        "txn_id",
        txn_at=pl.col("date").str.to_datetime("%Y-%m-%d", strict=False, time_zone="Asia/Kolkata"),
        side=pl.col("side"),
        amount=money_of("amount"),
        balance=money_of("balance"),
        narration=pl.col("narration").fill_null(""),
        label=pl.col("label"),
    )
    known = [*LABELS, OTHER]
    for name, wrong in (
        ("date", read["txn_at"].is_null()),
        ("side", ~read["side"].is_in([CREDIT, DEBIT])),
        ("amount", read["amount"].is_null()),
        ("label", ~read["label"].is_in(known)),
    ):
        if wrong.fill_null(True).any():
            raise EvidenceError(f"{name} in row {wrong.fill_null(True).arg_true()[0] + 1}", "cannot be read")
    return read.with_columns(txn_at=pl.col("txn_at").dt.convert_time_zone("UTC"))


def predictions(labelled: pl.DataFrame, patterns: Patterns | None = None) -> pl.DataFrame:
    """The labelled rows (see `labelled_transactions`) with `category` and `predicted`."""
    blank = {name: pl.lit(None, dtype=kind) for name, kind in TRANSACTIONS.items()}
    rows = labelled.with_columns(**{name: blank[name] for name in blank.keys() - set(labelled.columns)})
    as_of = labelled["txn_at"].dt.convert_time_zone("Asia/Kolkata").dt.date().max()
    banking = read_banking(rows.select(list(TRANSACTIONS)).cast(TRANSACTIONS).lazy(), as_of, patterns)
    return labelled.join(_told(banking), on=["statement_id", "txn_id"], how="left").with_columns(
        pl.col("predicted").fill_null(OTHER)
    )


def _told(banking: Banking) -> pl.DataFrame:
    paid = banking.salary_rows.select("statement_id", "txn_id", is_salary=pl.lit(True))
    named = pl.col("category").replace_strict(_OF_CATEGORY, default=OTHER)
    # an instalment is paid: what comes in as one is something else
    named = pl.when((named == "EMI") & (pl.col("side") == CREDIT)).then(pl.lit(OTHER)).otherwise(named)
    return (
        banking.transactions.join(paid, on=["statement_id", "txn_id"], how="left")
        .select(
            "statement_id",
            "txn_id",
            "category",
            predicted=pl.when("is_salary").then(pl.lit("SALARY")).otherwise(named),
        )
        .collect()
    )


def scores(predicted: pl.DataFrame) -> list[dict[str, Any]]:
    """Per label: rows that have it, rows that were given it, rows in both, precision and recall (0 to 1).

    A column `times` says how often a row stands; without it, once.
    """
    lines, times = [], pl.col("times") if "times" in predicted.columns else pl.lit(1)
    for label in LABELS:
        true, said = pl.col("label") == label, pl.col("predicted") == label
        counts = predicted.select(
            rows=(true * times).sum(), predicted=(said * times).sum(), right=((true & said) * times).sum()
        )
        found = counts.row(0, named=True)
        lines.append(
            {
                "label": label,
                **found,
                "precision": _share(found["right"], found["predicted"]),
                "recall": _share(found["right"], found["rows"]),
            }
        )
    return lines


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


# --- narration templates ------------------------------------------------------------------------------

TEMPLATE_COLUMNS = ("bank", "vendor_category", "side", "template", "count")
# What an analyser's category means here; the others are OTHER. A bounce of UPI, IMPS or NEFT is a reversal.
_OF_VENDOR = {
    "SALARY RECEIVED": "SALARY",
    "LOAN": "EMI",
    "LOAN BOUNCE": "BOUNCE",
    "BOUNCE CHARGES": "BOUNCE",
    "CHEQUE BOUNCE - NON TECHNICAL": "BOUNCE",
    "CHEQUE BOUNCE - TECHNICAL": "BOUNCE",
    "ATM WITHDRAWAL": "CASH",
    "CASH WITHDRAWAL": "CASH",
    "CASH DEPOSIT": "CASH",
    "ELECTRONIC FUND TRANSFER": "TRANSFER",
    "TRANSFER": "TRANSFER",
    "TRANSFER IN": "TRANSFER",
    "TRANSFER OUT": "TRANSFER",
}
# A mask of a template and what stands in its place: a name, digits, letters and digits.
_MASKS = (
    (r"<w>|<masked>", "RAMESH "),
    (r"<an[0-9]+>", "7K3Q9Z5X2B"),
    (r"#[0-9]+", "482915"),
)


def labelled_templates(table: pl.DataFrame) -> pl.DataFrame:
    """Masked narrations with an analyser's category (TEMPLATE_COLUMNS) as labelled transactions, `count` of each.

    Every template is a statement of its own, so that nothing is told by what stands beside it.
    """
    narration = pl.col("template")
    for mask, instead in _MASKS:
        narration = narration.str.replace_all(mask, instead)
    rows = table.with_row_index("row").with_columns(pl.col("count").cast(pl.Int64))
    return labelled_transactions(
        rows.select(
            statement_id=pl.format("{}-{}", "bank", "row"),
            account_ref=pl.col("bank"),
            txn_id=pl.lit("1"),
            date=pl.lit("2026-05-01"),
            side=pl.col("side"),
            amount=pl.lit("5000"),
            balance=pl.lit("50000"),
            narration=narration,
            label=pl.col("vendor_category").replace_strict(_OF_VENDOR, default=OTHER),
        )
    ).with_columns(times=rows["count"])
