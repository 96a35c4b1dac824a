"""Files for tests of sanction: somebody identified, an application, a decision, a memo; all within a moment."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.core import clock
from app.core.identity import Role
from app.credit.models import CreditDecision, keep
from app.demo.client import CustomerApp, Portal
from app.kyc.models import KycCheck
from app.policies import service as policies
from app.sanction import jobs
from tests.lending import at_work, identify
from tests.platform import BRAND, Platform

OK = {"remark": "Seen and agreed"}


@dataclass(frozen=True)
class File:
    """One application, as those who work on it see it."""

    platform: Platform
    app: CustomerApp
    id: str

    def staff(self, role: Role) -> Portal:
        return self.platform.staff(role)

    @property
    def executive(self) -> Portal:
        return self.staff(Role.CREDIT_EXECUTIVE)

    @property
    def loan(self) -> dict[str, Any]:
        return self.executive.get(f"/loans/{self.id}")

    @property
    def summary(self) -> dict[str, Any]:
        return self.executive.get(f"/loans/{self.id}/sanction")

    def failing(self) -> set[str]:
        """The checks that do not hold."""
        return {check["name"] for check in self.summary["checklist"] if not check["holds"]}

    def post(self, role: Role, step: str, expect: int = 200, **body: Any) -> dict[str, Any]:
        """A step by somebody with `role`."""
        return self.staff(role).post(f"/loans/{self.id}/{step}", expect=expect, json=OK | body)

    def approve(self, role: Role, expect: int = 200, **body: Any) -> dict[str, Any]:
        return self.post(role, "sanction/approve", expect, **body)

    def decided(self, outcome: str = "APPROVE", tier: str = "A", *referrals: str) -> "File":
        """A decision of the rules, as one of their records."""
        verdicts = [
            {
                "rule_id": rule,
                "code": "BU26",
                "effect": "refer",
                "reason": f"{rule} is beyond its threshold",
                "values": {"seen": "12"},
                "thresholds": {"most": "10"},
            }
            for rule in referrals
        ]
        record = {
            "outcome": outcome,
            "derived": {"tier": tier},
            "reasons": list(referrals),
            "verdicts": verdicts,
        }
        with at_work():
            CreditDecision.create(
                loan_id=UUID(self.id),
                ruleset_name="bre",
                ruleset_hash=policies.keep(policies.ruleset_for("bre")),
                outcome=outcome,
                record_hash=keep(json.dumps(record)),
            )
        return self

    def accepted(self) -> "File":
        """Every referral accepted."""
        for said in self.executive.get(f"/loans/{self.id}/referrals"):
            path = f"/loans/{self.id}/referrals/{said['ruleId']}"
            self.executive.send("PUT", path, json={"accepted": True, "remark": "The employer vouches"})
        return self

    def assessed(self, role: Role = Role.CREDIT_EXECUTIVE, **memo: Any) -> "File":
        """A memo of 60,000 a month with nothing to pay."""
        self.save_cam(role, **memo)
        return self

    def save_cam(self, role: Role = Role.CREDIT_EXECUTIVE, expect: int = 200, **memo: Any) -> dict[str, Any]:
        today = clock.today()
        salaries = {f"salaryAmount{n}": "60000.00" for n in (1, 2, 3)}
        dates = {"disbursalDate": f"{today}", "repayDate": f"{today + timedelta(days=24)}"}
        body = {"loanId": self.id, "obligations": "0.00", "roi": "1.0", **salaries, **dates}
        path = f"/loans/brand/{BRAND}/cam-calculator/save"
        return self.staff(role).call("POST", path, expect=expect, json=body | memo)

    def recommended(self, **body: Any) -> "File":
        self.post(Role.CREDIT_EXECUTIVE, "recommend", **body)
        return self

    def expire(self) -> None:
        """The day passes: what had a day to end on ends."""
        with at_work():
            jobs.expire()

    def steps(self) -> list[str]:
        """Every state that the loan was in."""
        return [s["toState"] for s in self.executive.get(f"/loans/{self.id}/trail") if s["entity"] == "loan"]


def applied(platform: Platform, amount: str = "20000.00", days: int = 24) -> File:
    """Somebody whose PAN and account are verified applies."""
    app = platform.customer()
    customer_id = UUID(app.get("/web/me")["id"])
    with at_work():
        identify(customer_id, app, "7890")
        KycCheck.create(
            customer_id=customer_id,
            kind="PAN",
            status="VERIFIED",
            provider="digitap",
            result={"aadhaar_linked": True},
        )
    body = {"amount": amount, "tenureDays": days, "purpose": "MEDICAL"}
    loan = app.post("/web/loans", once=True, expect=201, json=body)
    return File(platform, app, loan["id"])


def recommended(platform: Platform, *referrals: str, tier: str = "A", amount: str = "20000.00") -> File:
    """A file that the credit executive has sent up."""
    file = applied(platform, amount).decided("REFER" if referrals else "APPROVE", tier, *referrals)
    return file.accepted().assessed().recommended()
