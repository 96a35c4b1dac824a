"""DigiLocker through Digitap: a page of theirs where the customer gives leave, and what was read from the locker.

Source: Digitap's DigiLocker request collection. The page is good for up to seven days; a webhook without a signature
says when it is done, so whoever hears it asks `digilocker_status`.
"""

from dataclasses import dataclass
from datetime import timedelta

from app.providers.base import ProviderClient
from app.providers.digitap.answers import AadhaarDetails, read_aadhaar_details
from app.providers.wire import Answer, Operation, operations

VALID_FOR_MAX = timedelta(days=7)
STATUSES = ("GENERATED", "INITIATED", "SUCCESS", "FAILED")


@dataclass(frozen=True)
class DigilockerPage:
    """Where the customer gives leave."""

    transaction_id: str
    url: str


class DigitapDigilocker(ProviderClient):
    operations = operations(
        # Another page is another transaction.
        Operation("start_digilocker", "POST", "/ent/v1/kyc/generate-url", idempotent=False, timeout_s=30),
        Operation("digilocker_status", "POST", "/ent/v1/kyc/get-digilocker-status", idempotent=True),
        Operation(
            "digilocker_details", "POST", "/ent/v1/kyc/get-digilocker-details", idempotent=True, timeout_s=45
        ),
    )

    def start_digilocker(
        self,
        *,
        reference: str,
        first_name: str,
        last_name: str,
        mobile: str,
        return_url: str,
        valid_for: timedelta = timedelta(days=3),
    ) -> DigilockerPage:
        """A page where the customer shares Aadhaar and PAN. Raises ValueError for more than seven days."""
        if valid_for > VALID_FOR_MAX:
            raise ValueError("a page is good for seven days at most")
        body = {
            "serviceId": "4",
            "uid": reference,
            "firstName": first_name,
            "lastName": last_name,
            "mobile": mobile,
            "isSendOtp": True,
            "isHideExplanationScreen": False,
            "redirectionUrl": return_url,
            "requiredDocs": "ADHAR,PANCR",
            "expiry": int(valid_for.total_seconds() * 1000),
        }
        hide = ("firstName", "lastName")
        return self.call("start_digilocker", _page, json=body, hide=hide)

    def digilocker_status(self, transaction_id: str) -> str:
        """GENERATED, INITIATED, SUCCESS or FAILED."""

        def read(answer: Answer) -> str:
            return answer.fields.child("model").one_of("status", *STATUSES)

        return self.call("digilocker_status", read, json={"transactionId": transaction_id})

    def digilocker_details(self, transaction_id: str) -> AadhaarDetails:
        """The Aadhaar that was shared. Rejected with DG1001 (denied), DG1002 (no e-Aadhaar), DG1007 (not yet)..."""
        return self.call("digilocker_details", read_aadhaar_details, json={"transactionId": transaction_id})


def _page(answer: Answer) -> DigilockerPage:
    model = answer.fields.child("model")
    return DigilockerPage(
        model.identifier("transactionId"), model.identifier("kycUrl", "") or model.identifier("url")
    )
