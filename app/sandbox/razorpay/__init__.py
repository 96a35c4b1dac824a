"""Twin of Razorpay and RazorpayX: each module is a group of its calls, core.py what they share.

The customer's side is a page with buttons (GET), and for programs POST:

    /razorpay/l/<link id>         .../pay {"method": "upi", "outcome": "success" | "failure", "amount": paise}
    /razorpay/o/<order id>        .../pay {"method": "upi", "outcome": "success" | "failure", "currency": "INR"}
    /razorpay/m/<registration>    .../give {"outcome": "confirmed" | "rejected"}

Less than what is due needs a link that accepts partial payment. Webhooks of payments, links, orders, refunds, disputes
and mandates go to `<callback>/partner/brand/<brand>/payment/webhook`, of payouts and validations to
`.../payout/webhook`; signed with `sandbox-razorpay-webhook_secret-<brand>`. A key without a brand in it gets
no webhooks.
"""

from app.sandbox.razorpay import disputes, links, mandates, orders, payouts
from app.sandbox.razorpay.core import twin

__all__ = ["disputes", "links", "mandates", "orders", "payouts", "twin"]
