"""What this domain holds of people."""

from app.core.holding import Holding
from app.kyc.models import AadhaarDigiLockerLog, Employment, KycCheck, UserBankAccount, UserVpa

HOLDINGS = (
    Holding(
        "identity",
        AadhaarDigiLockerLog,
        customer=AadhaarDigiLockerLog.customer_id,
        blank={"account": None, "code_verifier": None},
        untold=frozenset({"state_hash", "code_verifier"}),
    ),
    Holding("identity", KycCheck, customer=KycCheck.customer_id, blank={"result": None}),
    Holding(
        "identity",
        UserBankAccount,
        customer=UserBankAccount.customer_id,
        blank={
            "account_number": "",
            "account_hash": lambda account: f"erased:{account.id}",
            "number_hash": None,
            "account_last4": "",
            "branch": None,
            "holder_name": None,
        },
    ),
    Holding(
        "identity",
        UserVpa,
        customer=UserVpa.customer_id,
        blank={"vpa": "", "vpa_hash": lambda record: f"erased:{record.id}", "holder_name": None},
        untold=frozenset({"vpa_hash"}),
    ),
    Holding(
        "identity", Employment, customer=Employment.customer_id, blank={"uan": None, "employer_name": None}
    ),
)
