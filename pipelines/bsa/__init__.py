"""Bank statement analysis: transactions in, one report and the banking features out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.aa import AccountEvidence, Payload, read_fi_object
from pipelines.bsa.cam import cam_prefill
from pipelines.bsa.features import NO_HOLDERS, Banking, banking_evidence, banking_values, read_banking
from pipelines.bsa.patterns import PatternFileError, Patterns, load_patterns
from pipelines.bsa.pay_days import next_pay_date, pay_day, repay_date
from pipelines.bsa.report import BsaReport, build_report
from pipelines.features import Features, features_of
from pipelines.frames import no_transactions

__all__ = [
    "Banking",
    "BsaReport",
    "PatternFileError",
    "Patterns",
    "StatementAnalysis",
    "analyse_statement",
    "bank_features",
    "build_report",
    "cam_prefill",
    "load_patterns",
    "next_pay_date",
    "pay_day",
    "read_banking",
    "repay_date",
]


@dataclass(frozen=True)
class StatementAnalysis:
    """What one applicant's bank evidence says.

    `transactions` are the tagged rows (channel, category, party ...) behind the report.
    """

    report: BsaReport
    features: Features
    transactions: pl.DataFrame

    @property
    def lineage(self) -> dict[str, list[str]]:
        """The txn_ids behind each known feature."""
        return self.features.lineage


def analyse_statement(
    evidence: Iterable[AccountEvidence | Payload],
    *,
    as_of: date,
    statement_id: str = "statement",
    patterns: Patterns | None = None,
) -> StatementAnalysis:
    """Analyses all accounts of one applicant together.

    `evidence` holds decrypted FI objects, or accounts read from elsewhere, in any mix. Raises EvidenceError
    for an FI object that is malformed. Without transactions the report says so, and every feature is absent.
    """
    accounts = [_account(item, statement_id) for item in evidence]
    own_rows = [account.transactions.with_columns(statement_id=pl.lit(statement_id)) for account in accounts]
    rows = pl.concat(own_rows) if own_rows else no_transactions()
    banking = read_banking(rows, as_of, patterns, _holders(accounts, statement_id))
    return StatementAnalysis(
        report=build_report(banking, statement_id, [account.profile for account in accounts]),
        features=_features(banking, statement_id),
        transactions=banking.transactions.collect(),
    )


def _account(item: AccountEvidence | Payload, statement_id: str) -> AccountEvidence:
    return item if isinstance(item, AccountEvidence) else read_fi_object(item, statement_id=statement_id)


def _holders(accounts: list[AccountEvidence], statement_id: str) -> pl.LazyFrame:
    names = [holder.name for account in accounts for holder in account.profile.holders]
    return pl.LazyFrame({"statement_id": statement_id, "name": names}, schema=NO_HOLDERS.collect_schema())


def _features(banking: Banking, statement_id: str) -> Features:
    values, lineage = pl.collect_all([banking_values(banking), banking_evidence(banking)])
    return features_of(statement_id, values, lineage)


def bank_features(transactions: pl.LazyFrame, as_of: date, patterns: Patterns | None = None) -> pl.LazyFrame:
    """The banking features of many statements: a row per statement_id, a column per feature, null unknown."""
    return banking_values(read_banking(transactions, as_of, patterns))
