"""Bank statements as files: read into accounts, checked, ready for the analysis (pipelines.bsa)."""

from pipelines.statements.accounts import Account, Statement, with_entries
from pipelines.statements.banks import password_candidates
from pipelines.statements.bounded import ReaderFault, read_bounded, sheets_bounded
from pipelines.statements.evidence import evidence, from_json, to_json
from pipelines.statements.facts import Facts, named
from pipelines.statements.problems import RowProblem, StatementProblem
from pipelines.statements.reading import check, kind_of_file, read_statement

__all__ = [
    "Account",
    "Facts",
    "ReaderFault",
    "RowProblem",
    "Statement",
    "StatementProblem",
    "check",
    "evidence",
    "from_json",
    "kind_of_file",
    "named",
    "password_candidates",
    "read_bounded",
    "read_statement",
    "sheets_bounded",
    "to_json",
    "with_entries",
]
