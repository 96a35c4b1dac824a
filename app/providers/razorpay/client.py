"""Razorpay and RazorpayX: one host, one key pair, three groups of calls."""

from app.providers.razorpay.mandates import RazorpayMandates
from app.providers.razorpay.payments import RazorpayPayments
from app.providers.razorpay.payouts import RazorpayPayouts


class RazorpayClient(RazorpayPayments, RazorpayPayouts, RazorpayMandates):
    """Credentials: key_id, key_secret, account_number (RazorpayX, where payouts are paid from)."""

    operations = RazorpayPayments.operations | RazorpayPayouts.operations | RazorpayMandates.operations
