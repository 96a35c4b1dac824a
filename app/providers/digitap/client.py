"""Digitap.ai: PAN, Aadhaar OTP, penny drop, EPFO lookups, and what is known of a mobile number.

Sources: "Digitap KYC validation API" and "Employment verification API" guides (PAN, UAN), the OKYC, penny-drop and
mobile request collections (Aadhaar, bank, mobile), clients of the prefill (its result). Basic authentication
everywhere. Two hosts (svc.*, api.*) and two envelopes: `result_code`/`result` and `code`/`msg`/`model`.
"""

import base64
from datetime import datetime
from typing import Any

from app.core.clock import INDIA
from app.providers.digitap.answers import (
    AadhaarDetails,
    AadhaarOtp,
    Employment,
    PanDetails,
    read_aadhaar_details,
    read_aadhaar_otp,
    read_employment,
    read_pan_details,
    read_penny_drop,
)
from app.providers.digitap.digilocker import DigitapDigilocker
from app.providers.digitap.mobile import (
    MobileAddress,
    MobileIdentity,
    read_addresses,
    read_identity,
)
from app.providers.errors import ProviderUnauthorised
from app.providers.fields import Fields
from app.providers.money import PennyDrop
from app.providers.wire import Answer, Operation, operations

MODEL_OPERATIONS = frozenset(
    {"initiate_aadhaar_otp", "submit_aadhaar_otp", "penny_drop", "penny_drop_status"}
).union(DigitapDigilocker.operations)
API_HOST_OPERATIONS = frozenset({"penny_drop", "penny_drop_status"}).union(DigitapDigilocker.operations)
# In these answers a number comes with all that makes a person: their own names are hidden altogether.
PERSONAL = frozenset({"address", "addresses", "email", "dob", "document_id", "device_ip", "pan"})
SUCCESS_CODES = frozenset({"101", "200"})
# HTTP statuses that mean something of their own here.
NOT_ENABLED, SOURCE_SILENT, NO_RESULT = 412, 422, 506


class DigitapClient(DigitapDigilocker):
    """Credentials: client_id, client_secret. reference is ours, at most 45 of [A-Za-z0-9 _-]."""

    provider = "digitap"
    reason_names = ("message", "msg")
    operations = (
        operations(
            Operation("pan_details", "POST", "/validation/kyc/v1/pan_details", idempotent=True),
            # Initiating again sends another OTP; submitting again uses up a try.
            Operation(
                "initiate_aadhaar_otp", "POST", "/ent/v3/kyc/intiate-kyc-auto", idempotent=False, timeout_s=30
            ),
            Operation("submit_aadhaar_otp", "POST", "/ent/v3/kyc/submit-otp", idempotent=False, timeout_s=45),
            Operation("penny_drop", "POST", "/penny-drop/v2/check-valid", idempotent=False, timeout_s=45),
            Operation("penny_drop_status", "GET", "/penny-drop/v2/check-status", idempotent=True),
            Operation("uan_basic", "POST", "/cv/v3/uan_basic/sync", idempotent=True, timeout_s=35),
            Operation("employment_history", "POST", "/cv/v5/uan_basic/sync", idempotent=True, timeout_s=35),
            # A silent source (503) is not to be asked again, as their guide has it.
            Operation("mobile_prefill", "POST", "/mobile_prefill/request", idempotent=False, timeout_s=30),
            Operation(
                "mobile_address",
                "POST",
                "/validation/misc/v1/mobile-address-lookup",
                idempotent=False,
                timeout_s=30,
            ),
        )
        | DigitapDigilocker.operations
    )

    def pan_details(self, *, pan: str, reference: str, name: str | None = None) -> PanDetails:
        """Name, date of birth and Aadhaar link of a PAN. Rejected with 102 when there is no such PAN."""
        body = _without_none(
            client_ref_num=reference, pan=pan, father_name="false", pan_display_name="false", name=name
        )
        return self.call("pan_details", lambda answer: read_pan_details(answer, pan), json=body)

    def initiate_aadhaar_otp(self, *, aadhaar: str, reference: str) -> AadhaarOtp:
        """Send an OTP to the mobile that is linked to the Aadhaar."""
        return self.call(
            "initiate_aadhaar_otp", read_aadhaar_otp, json={"uniqueId": reference, "uid": aadhaar}
        )

    def submit_aadhaar_otp(
        self, started: AadhaarOtp, *, otp: str, share_code: str = "1234"
    ) -> AadhaarDetails:
        """Name, address and photo of the Aadhaar holder. Rejected when the OTP is wrong or expired."""
        body = {
            "transactionId": started.transaction_id,
            "fwdp": started.fwdp,
            "codeVerifier": started.code_verifier,
            "otp": otp,
            "shareCode": share_code,
            "isSendPdf": True,
        }
        return self.call("submit_aadhaar_otp", read_aadhaar_details, json=body)

    def penny_drop(self, *, account_number: str, ifsc: str, name: str, reference: str) -> PennyDrop:
        """Send one rupee and learn the holder's name. Not repeated by itself: it moves money."""
        body = {
            "ifsc": ifsc,
            "accNo": account_number,
            "benificiaryName": name,
            "address": "",
            "clientRefNum": reference,
        }
        return self.call("penny_drop", read_penny_drop, json=body)

    def penny_drop_status(self, transaction_id: str) -> PennyDrop:
        """What became of a penny drop that was PENDING."""
        return self.call("penny_drop_status", read_penny_drop, params={"transactionId": transaction_id})

    def uan_basic(
        self, *, reference: str, mobile: str | None = None, pan: str | None = None, uan: str | None = None
    ) -> Employment:
        """UANs and the latest employer by mobile, PAN or UAN, one at least.

        Rejected with 103 when there is none, 104 when there are too many.
        """
        body = _without_none(client_ref_num=reference, mobile=mobile, pan=pan, uan=uan)
        return self.call("uan_basic", read_employment, json=body)

    def employment_history(
        self, *, reference: str, mobile: str | None = None, pan: str | None = None, uan: str | None = None
    ) -> Employment:
        """As uan_basic, with every employer of every UAN."""
        body = _without_none(client_ref_num=reference, mobile=mobile, pan=pan, uan=uan)
        return self.call("employment_history", read_employment, json=body)

    def mobile_prefill(self, *, mobile: str, reference: str) -> MobileIdentity:
        """Who a ten-digit number is registered to, with their PAN. The name is theirs to find: one that we sent would
        come back to us. Rejected with 102 when they know nobody, 103 when they know no name."""
        body = {"client_ref_num": reference, "mobile_no": mobile, "name_lookup": 1}
        return self.call("mobile_prefill", read_identity, json=body, hide=PERSONAL)

    def mobile_address(
        self,
        *,
        mobile: str,
        name: str,
        consented_at: datetime,
        ip: str,
        reference: str,
        email: str | None = None,
    ) -> tuple[MobileAddress, ...]:
        """Where the holder of a ten-digit number lives, who consented to the question at that instant from that
        address. Rejected with 102 or 103 when they know none."""
        body = _without_none(
            client_ref_num=reference,
            mobile=mobile,
            name=name,
            email=email,
            device_type="web",
            device_ip=ip,
            consent_acceptance="yes",
            consent_timestamp=consented_at.astimezone(INDIA).isoformat(timespec="seconds"),
        )
        return self.call("mobile_address", read_addresses, json=body, hide=PERSONAL)

    def headers(self, operation: Operation, body: bytes | None) -> dict[str, str]:
        credentials = self.settings.credentials
        pair = f"{credentials['client_id']}:{credentials['client_secret']}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}

    def base_url(self, operation: Operation) -> str:
        """The configured URL is that of the svc host; some products live on its sibling, api."""
        url = self.settings.base_url
        return url.replace("://svc", "://api", 1) if operation.name in API_HOST_OPERATIONS else url

    def check(self, operation: Operation, answer: Answer) -> None:
        if answer.status == NOT_ENABLED:
            raise ProviderUnauthorised(self.provider, operation.name, self.reason(answer))
        if answer.status == SOURCE_SILENT:
            raise self.unavailable(operation, self.reason(answer))
        if answer.status == NO_RESULT:
            raise self.rejected(operation, str(NO_RESULT), self.reason(answer))
        super().check(operation, answer)
        code = _code(operation, answer.fields)
        if code in ("401", "403"):
            raise ProviderUnauthorised(self.provider, operation.name, self.reason(answer))
        if len(code) == 3 and code.startswith("5"):
            raise self.unavailable(operation, self.reason(answer))
        if code not in SUCCESS_CODES:
            raise self.rejected(operation, code, self.reason(answer))


def _code(operation: Operation, fields: Fields) -> str:
    """The provider's own verdict, which stands in the body of an HTTP 200."""
    return fields.identifier("code" if operation.name in MODEL_OPERATIONS else "result_code")


def _without_none(**body: Any) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
