"""Twin of Cashfree: each module is a group of its calls, core.py what they share.

The customer's side is a page with buttons (GET), and for programs POST:

    /cashfree/l/<brand>:<link id>    .../pay {"method": "upi", "outcome": "success" | "failure", "amount": "500.00"}
    /cashfree/o/<brand>:<order id>   .../pay {"outcome": "success" | "failure"}
    /cashfree/s/<brand>:<sub. id>    .../give {"outcome": "confirmed" | "rejected"}

Less than what is due needs a link that accepts partial payment. A transfer goes to SUCCESS, SENT_TO_BENEFICIARY and
then COMPLETED, unless the account number ends with 0000 (FAILED) or 1111 (COMPLETED, and then REVERSED). Webhooks of
payments, links, refunds, disputes and subscriptions go to `<callback>/partner/brand/<brand>/payment/webhook`, of
transfers to `.../payout/webhook`; signed with the brand's client secret of the product. A key without a brand gets
no webhooks.
"""

from app.sandbox.cashfree import disputes, links, orders, subscriptions, transfers
from app.sandbox.cashfree.core import twin

__all__ = ["disputes", "links", "orders", "subscriptions", "transfers", "twin"]
