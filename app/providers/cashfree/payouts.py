"""Cashfree, money out: transfers (Payouts v2) and their beneficiaries, and the penny drop (Verification)."""

from dataclasses import dataclass, field
from decimal import Decimal

from app.providers.cashfree.account import HIDDEN, CashfreeAccount
from app.providers.cashfree.entities import CURRENCY, read_payout, read_penny_drop, transfer_id_of
from app.providers.errors import ProviderRejected
from app.providers.fields import Fields
from app.providers.money import Beneficiary, Payout, PennyDrop, VpaHolder
from app.providers.wire import Answer, Operation, operations

TRANSFER_UNKNOWN = "transfer_id_not_found"
BENEFICIARY_STATUSES = ("VERIFIED", "INVALID", "INITIATED", "CANCELLED", "FAILED", "DELETED")


@dataclass(frozen=True)
class RegisteredBeneficiary:
    """A beneficiary that Cashfree keeps; status VERIFIED can be paid to."""

    id: str
    status: str
    account_number: str = field(repr=False)
    ifsc: str


class CashfreePayouts(CashfreeAccount):
    operations = operations(
        # The transfer id is the key, but whoever moves money looks first what became of it.
        Operation("create_payout", "POST", "/payout/transfers", idempotent=False, timeout_s=30.0),
        Operation("fetch_payout", "GET", "/payout/transfers", idempotent=True),
        Operation("register_beneficiary", "POST", "/payout/beneficiary", idempotent=False),
        Operation("fetch_beneficiary", "GET", "/payout/beneficiary", idempotent=True),
        Operation("remove_beneficiary", "DELETE", "/payout/beneficiary", idempotent=True),
        # Each call sends another rupee.
        Operation("penny_drop", "POST", "/verification/bank-account/sync", idempotent=False, timeout_s=45.0),
        Operation("penny_drop_status", "GET", "/verification/bank-account", idempotent=True),
        Operation("validate_vpa", "POST", "/verification/upi", idempotent=True),
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
    ) -> Payout:
        """Send money to a bank account; a webhook tells how it ended.

        reference_id (at most 40 letters, digits and `-`) is the key: Cashfree takes it once, and refuses it with
        transfer_id_already_exists afterwards. idempotency_key says nothing here. When the answer is lost, ask
        `find_payout(reference_id)`.
        """
        body = {
            "transfer_id": transfer_id_of(reference_id),
            "transfer_amount": amount,
            "transfer_currency": CURRENCY,
            "transfer_mode": mode.lower(),
            "beneficiary_details": _details(beneficiary),
            "transfer_remarks": narration,
        }
        return self.call("create_payout", _payout, json=body, hide=HIDDEN)

    def fetch_payout(self, payout_id: str) -> Payout:
        return self.call("fetch_payout", _payout, params={"transfer_id": payout_id}, hide=HIDDEN)

    def find_payout(self, reference_id: str) -> Payout | None:
        """The transfer with our reference, None when Cashfree has none."""
        try:
            return self.fetch_payout(transfer_id_of(reference_id))
        except ProviderRejected as refusal:
            if refusal.code != TRANSFER_UNKNOWN:
                raise
            return None

    def register_beneficiary(self, beneficiary: Beneficiary) -> RegisteredBeneficiary:
        """Keep a beneficiary there under our id of the person. Rejected where the id or the account is known."""
        body = {"beneficiary_id": beneficiary.reference_id, **_details(beneficiary)}
        return self.call("register_beneficiary", _beneficiary, json=body, hide=HIDDEN)

    def fetch_beneficiary(self, beneficiary_id: str) -> RegisteredBeneficiary:
        params = {"beneficiary_id": beneficiary_id}
        return self.call("fetch_beneficiary", _beneficiary, params=params, hide=HIDDEN)

    def remove_beneficiary(self, beneficiary_id: str) -> RegisteredBeneficiary:
        params = {"beneficiary_id": beneficiary_id}
        return self.call("remove_beneficiary", _beneficiary, params=params, hide=HIDDEN)

    def penny_drop(self, *, account_number: str, ifsc: str, name: str, reference: str) -> PennyDrop:
        """Send one rupee and learn the holder's name, at once. Unavailable while the bank is in trouble, rejected
        where Cashfree knows the account for fraud. Its answer does not carry our reference."""
        body = {"bank_account": account_number, "ifsc": ifsc, "name": name}
        return self.call("penny_drop", _drop, json=body, hide=HIDDEN)

    def penny_drop_status(self, transaction_id: str) -> PennyDrop:
        params = {"reference_id": transaction_id}
        return self.call("penny_drop_status", _drop, params=params, hide=HIDDEN)

    def validate_vpa(self, *, vpa: str, name: str, reference: str) -> VpaHolder:
        """Whose UPI id it is; reference (at most 50) names the question."""
        body = {"verification_id": reference, "vpa": vpa, "name": name}
        return self.call("validate_vpa", _vpa_holder, json=body, hide=HIDDEN)


def _vpa_holder(answer: Answer) -> VpaHolder:
    status = answer.fields.one_of("status", "VALID", "INVALID", "EXPIRED", "NPCI_NAME_INCORRECT")
    return VpaHolder(status == "VALID", answer.fields.text("name_at_bank", ""))


def _details(beneficiary: Beneficiary) -> dict[str, object]:
    account = {"bank_account_number": beneficiary.account_number, "bank_ifsc": beneficiary.ifsc}
    return {
        "beneficiary_name": beneficiary.name,
        "beneficiary_instrument_details": {"vpa": beneficiary.vpa} if beneficiary.vpa else account,
        "beneficiary_contact_details": {"beneficiary_phone": beneficiary.phone},
    }


def _payout(answer: Answer) -> Payout:
    return read_payout(answer.fields)


def _drop(answer: Answer) -> PennyDrop:
    return read_penny_drop(answer.fields)


def _beneficiary(answer: Answer) -> RegisteredBeneficiary:
    return read_beneficiary(answer.fields)


def read_beneficiary(fields: Fields) -> RegisteredBeneficiary:
    instrument = fields.child("beneficiary_instrument_details", Fields({}))
    return RegisteredBeneficiary(
        id=fields.identifier("beneficiary_id"),
        status=fields.one_of("beneficiary_status", *BENEFICIARY_STATUSES),
        account_number=instrument.identifier("bank_account_number", ""),
        ifsc=instrument.identifier("bank_ifsc", ""),
    )
