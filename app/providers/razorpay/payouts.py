"""RazorpayX, money out: payouts, and the penny drop (fund account validation, composite form)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.providers.money import Beneficiary, Payout, PennyDrop, VpaHolder
from app.providers.razorpay.account import HIDDEN, RazorpayAccount
from app.providers.razorpay.entities import CURRENCY, read_payout, read_penny_drop, to_paise
from app.providers.wire import Answer, Operation, operations


class RazorpayPayouts(RazorpayAccount):
    operations = operations(
        # Repeatable under its key, but whoever moves money looks first what became of it.
        Operation(
            "create_payout",
            "POST",
            "/v1/payouts",
            idempotent=False,
            timeout_s=30.0,
            idempotency_header="X-Payout-Idempotency",
        ),
        Operation("fetch_payout", "GET", "/v1/payouts/{id}", idempotent=True),
        Operation("find_payout", "GET", "/v1/payouts", idempotent=True),
        Operation("cancel_payout", "POST", "/v1/payouts/{id}/cancel", idempotent=False),
        # Each call sends another rupee.
        Operation("penny_drop", "POST", "/v1/fund_accounts/validations", idempotent=False, timeout_s=45.0),
        Operation("penny_drop_status", "GET", "/v1/fund_accounts/validations/{id}", idempotent=True),
        Operation("validate_vpa", "POST", "/v1/payments/validate/vpa", idempotent=True),
    )

    def create_payout(
        self,
        *,
        amount: Decimal,
        beneficiary: Beneficiary,
        reference_id: str,
        idempotency_key: str,
        mode: str = "IMPS",
        narration: str = "Loan disbursal",
        notes: Mapping[str, str] | None = None,
    ) -> Payout:
        """Send money to a bank account; a webhook tells how it ended.

        idempotency_key (4 to 36 characters) stays the same for each try of one disbursal: a new one pays
        twice. When ProviderUnavailable says that it may have happened, ask `find_payout(reference_id)`
        before anything else. reference_id at most 40, narration at most 30 of [A-Za-z0-9 ].
        """
        body = {
            "account_number": self.settings.credentials["account_number"],
            "amount": to_paise(amount),
            "currency": CURRENCY,
            "mode": mode,
            "purpose": "payout",
            "fund_account": _fund_account(beneficiary),
            # Money that waits for days in a queue would be disbursed against a stale agreement.
            "queue_if_low_balance": False,
            "reference_id": reference_id,
            "narration": narration,
            "notes": dict(notes or {}),
        }
        return self.call("create_payout", _payout, json=body, idempotency_key=idempotency_key, hide=HIDDEN)

    def fetch_payout(self, payout_id: str) -> Payout:
        return self.call("fetch_payout", _payout, path={"id": payout_id}, hide=HIDDEN)

    def find_payout(self, reference_id: str) -> Payout | None:
        """The newest payout with our reference, None when Razorpay has none."""

        def read(answer: Answer) -> Payout | None:
            payouts = [read_payout(item) for item in answer.fields.children("items")]
            return max(payouts, key=lambda payout: payout.created_at, default=None)

        account = self.settings.credentials["account_number"]
        params = {"account_number": account, "reference_id": reference_id}
        return self.call("find_payout", read, params=params, hide=HIDDEN)

    def cancel_payout(self, payout_id: str) -> Payout:
        """Rejected unless it is queued."""
        return self.call("cancel_payout", _payout, path={"id": payout_id}, hide=HIDDEN)

    def penny_drop(self, *, account_number: str, ifsc: str, name: str, reference: str) -> PennyDrop:
        """Send one rupee and learn the holder's name; usually PENDING at first. reference at most 40."""
        account = {"name": name, "ifsc": ifsc, "account_number": account_number}
        body = {
            "source_account_number": self.settings.credentials["account_number"],
            "validation_type": "pennydrop",
            "reference_id": reference,
            "notes": {},
            "fund_account": {
                "account_type": "bank_account",
                "bank_account": account,
                "contact": {"name": name, "type": "customer", "reference_id": reference},
            },
        }
        return self.call("penny_drop", _drop, json=body, hide=HIDDEN)

    def penny_drop_status(self, transaction_id: str) -> PennyDrop:
        return self.call("penny_drop_status", _drop, path={"id": transaction_id}, hide=HIDDEN)

    def validate_vpa(self, *, vpa: str, name: str, reference: str) -> VpaHolder:
        """Whose UPI id it is. Rejected where no bank knows it; name and reference say nothing here."""
        return self.call("validate_vpa", _vpa_holder, json={"vpa": vpa}, hide=(*HIDDEN, "customer_name"))


def _vpa_holder(answer: Answer) -> VpaHolder:
    return VpaHolder(answer.fields.boolean("success"), answer.fields.text("customer_name", ""))


def _payout(answer: Answer) -> Payout:
    return read_payout(answer.fields)


def _drop(answer: Answer) -> PennyDrop:
    return read_penny_drop(answer.fields)


def _fund_account(beneficiary: Beneficiary) -> dict[str, Any]:
    account = {
        "account_type": "bank_account",
        "bank_account": {
            "name": beneficiary.name,
            "ifsc": beneficiary.ifsc,
            "account_number": beneficiary.account_number,
        },
    }
    if beneficiary.vpa:
        account = {"account_type": "vpa", "vpa": {"address": beneficiary.vpa}}
    return account | {
        "contact": {
            "name": beneficiary.name,
            "contact": beneficiary.phone,
            "type": "customer",
            "reference_id": beneficiary.reference_id,
        },
    }
