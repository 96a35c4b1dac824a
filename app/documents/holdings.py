"""What this domain holds of people."""

from app.core.holding import Holding
from app.documents.models import Document

HOLDINGS = (
    Holding(
        "identity",
        Document,
        customer=Document.customer_id,
        objects=lambda document: [document.s3_key],
        blank={"remark": None, "net_salary": None, "salary_month": None},
        untold=frozenset({"s3_key"}),
    ),
)
