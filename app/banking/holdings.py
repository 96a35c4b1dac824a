"""What this domain holds of people. How long it is kept, a consent or the brand's settings say; see `deletion`."""

from app.banking import deletion
from app.banking.models import AAConsentRequest, BankAccountStatement, BdaReport
from app.banking.states import DELETED
from app.core.holding import Holding

_KEYS = frozenset({"s3_key", "content_key", "analyser_key", "raw_key", "report_key", "password", "lineage"})

HOLDINGS = (
    Holding(
        "bank data",
        BankAccountStatement,
        customer=BankAccountStatement.customer_id,
        end=lambda statement: deletion.delete_statement(statement, deletion.ERASURE),
        ended=BankAccountStatement.status == DELETED,
        untold=_KEYS,
    ),
    Holding(
        "bank data",
        BdaReport,
        customer=BdaReport.customer_id,
        end=lambda report: deletion.delete(report, deletion.ERASURE),
        ended=BdaReport.status.in_([DELETED, "FAILED"]),
        untold=_KEYS,
    ),
    Holding("loan file", AAConsentRequest, customer=AAConsentRequest.customer_id, kept=True),
)
