"""Cashfree: payment gateway, payouts and verification, each with keys of its own, under one host."""

from app.providers.cashfree.mandates import CashfreeMandates
from app.providers.cashfree.payments import CashfreePayments
from app.providers.cashfree.payouts import CashfreePayouts


class CashfreeClient(CashfreePayments, CashfreePayouts, CashfreeMandates):
    """Credentials: client_id, client_secret; payout_client_id, payout_client_secret; verification_client_id,
    verification_client_secret; where our address is not on Cashfree's list also public_key_file."""

    operations = CashfreePayments.operations | CashfreePayouts.operations | CashfreeMandates.operations
