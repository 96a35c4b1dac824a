"""Three customers: Asha is approved and pays back, Bharat is rejected by the rules, Chitra by a person."""

import json
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from app.core.identity import Role
from app.demo.client import CustomerApp, Http, NotAsExpected, Portal, Sandbox, picture, wait_for
from app.demo.story import Story
from app.seed import DEMO_PASSWORD, email_of

BRAND, OTHER_BRAND = "qualoan", "paisapop"
ASHA, BHARAT, CHITRA = "ABCPV1234A", "ABCPS2345B", "ABCPN3456C"
CONSENTS = ("KYC", "BUREAU", "AA")


class World:
    """The API, the sandbox, and the staff of a brand, each signed in when first needed."""

    def __init__(self, api_url: str, sandbox_url: str, story: Story, brand_id: str = BRAND) -> None:
        self.api, self.sandbox, self.story = Http(api_url), Sandbox(sandbox_url), story
        self.brand_id = brand_id

    def staff(self, role: Role, brand_id: str | None = None) -> Portal:
        """Somebody with `role` in this brand or another, signed in as themselves."""
        brand_id = brand_id or self.brand_id
        return Portal(self.api, email_of(role, brand_id), DEMO_PASSWORD, brand_id)

    @cached_property
    def credit_executive(self) -> Portal:
        return self.staff(Role.CREDIT_EXECUTIVE)

    @cached_property
    def sanction_manager(self) -> Portal:
        return self.staff(Role.SANCTION_MANAGER)

    @cached_property
    def sanction_head(self) -> Portal:
        return self.staff(Role.SANCTION_HEAD)

    @cached_property
    def admin(self) -> Portal:
        return self.staff(Role.ADMIN)

    @cached_property
    def super_admin(self) -> Portal:
        return self.staff(Role.SUPER_ADMIN)


def expect(condition: bool, what: str) -> None:
    """Raises NotAsExpected when `condition` does not hold."""
    if not condition:
        raise NotAsExpected(what)


def onboard(world: World, pan: str, salary: str) -> CustomerApp:
    """From the phone number to a customer whose identity, account and employment are verified."""
    story, person = world.story, world.sandbox.person(pan)
    app = CustomerApp(world.api, world.sandbox, world.brand_id, person)
    with story.step("registered by phone, OTP, token") as said:
        said.append(app.sign_in()["customerNo"])
    with story.step("profile and consents"):
        profile = {"email": person["email"], "employmentType": "SALARIED", "salaryMode": "BANK_TRANSFER"}
        app.patch("/web/profile", json={**profile, "declaredMonthlySalary": salary})
        for purpose in CONSENTS:
            app.post("/web/consents", expect=201, json={"purpose": purpose, "textVersion": "2026-01"})
    with story.step("PAN verified (Digitap)") as said:
        said.append(app.post("/web/kyc/verify-pan", json={"pan": pan})["name"])
    with story.step("Aadhaar OTP (Digitap)"):
        app.confirm_aadhaar()
    with story.step("PAN card and selfie uploaded") as said:
        said += [
            app.upload("PAN_CARD", "pan.png", picture(40, 80, 160))["id"],
            app.upload("SELFIE", "selfie.png", picture(200, 160, 120))["id"],
        ]
    with story.step("bank account by penny drop") as said:
        account = app.post(
            "/web/kyc/bank-account",
            expect=201,
            json={"accountNumber": person["accountNumber"], "ifsc": person["ifsc"]},
        )
        expect(account["verified"], "the penny drop verifies the account")
        said.append(f"name match {account['nameMatchPercent']} %")
    with story.step("employment through UAN (EPFO)") as said:
        said.append(app.post("/web/kyc/employment", expect=201, json={})["employerName"])
    return app


def apply(world: World, app: CustomerApp, amount: str, tenure_days: int) -> dict[str, Any]:
    """An application, which the platform gives to a credit executive."""
    with world.story.step("applied, auto-allocated") as said:
        body = {"amount": amount, "tenureDays": tenure_days, "purpose": "MEDICAL"}
        loan = app.post("/web/loans", once=True, expect=201, json=body)
        expect(loan["status"] == "APPLIED", "a new application is APPLIED")
        executives = world.credit_executive.get(f"/loans/{loan['id']}")["executives"]
        names = {each["role"]: each["name"] for each in executives}
        expect(
            set(names) == {"CREDIT_EXECUTIVE", "LOAN_EXECUTIVE"}, f"one of each has the loan: {executives}"
        )
        said += [loan["loanNo"], loan["id"], f"to {names['CREDIT_EXECUTIVE']}"]
    return loan


def gather_evidence(world: World, app: CustomerApp, loan: dict[str, Any]) -> dict[str, Any]:
    """The bureau report, which comes by itself, and bank data through the Account Aggregator. Returns the analysis of
    the statement."""
    executive, story = world.credit_executive, world.story
    with story.step("bureau pulled by itself (CIBIL)") as said:
        wait_for(lambda: _is_done(app, loan, "BUREAU"), "the bureau report")
        score = executive.get(f"/loans/{loan['id']}/bureau")["score"]
        said.append(f"score {score}")
    with story.step("Account Aggregator consent asked for") as said:
        consent = executive.post(
            "/aa/consent-request", expect=201, json={"userId": loan["customerId"], "loanId": loan["id"]}
        )
        said.append(consent["consentHandle"])
    with story.step("customer approved at the aggregator"):
        app.sandbox.call("POST", consent["redirectUrl"] + "/approve", json={})
    with story.step("FI data fetched, decrypted, analysed (worker)") as said:
        report = wait_for(lambda: _ready(executive.get(f"/loans/{loan['id']}/bsa")), "the statement analysis")
        said.append(f"{report['features']['salary_credit_count_3m']} salaries")
    return report


def _is_done(app: CustomerApp, loan: dict[str, Any], step: str) -> bool:
    """As the customer sees it while they wait."""
    steps = app.get(f"/web/loans/{loan['id']}/status")["steps"]
    return next(one["status"] for one in steps if one["step"] == step) == "DONE"


def _ready(report: dict[str, Any]) -> dict[str, Any] | None:
    expect(report["status"] != "FAILED", f"the analysis is not to fail: {report}")
    return report if report["status"] == "READY" else None


def decide(world: World, loan: dict[str, Any], outcome: str) -> dict[str, Any]:
    """The rules run by themselves; every reason is printed with its threshold and the value seen."""
    path = f"/loans/{loan['id']}/decisions"
    with world.story.step(f"BRE decides by itself: {outcome}") as said:
        decision = wait_for(lambda: next(iter(world.credit_executive.get(path)), None), "the decision")
        expect(decision["outcome"] == outcome, f"{outcome}, not {decision['outcome']}: {decision['reasons']}")
        said.append(f"{len(decision['verdicts'])} rules  {decision['rulesetHash'][:12]}")
        if decision["offer"]:
            said.append(f"offer {decision['offer']['offered_amount']}, tier {decision['offer']['tier']}")
    for reason in decision["reasons"]:
        print(f"      {reason['effect']:<6} {reason['ruleId']:<32} {reason['reason']}")
        threshold = _pairs(reason["thresholds"]) if reason["thresholds"] else reason["condition"]
        print(f"             seen {_pairs(reason['values'])}; threshold {threshold}")
    return decision


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name}={_short(value)}" for name, value in values.items())


def _short(value: Any) -> Any:
    """A ratio is kept exactly and shown with two places."""
    whole, point, places = str(value).partition(".")
    return f"{Decimal(value):.2f}" if point and len(places) > 2 and whole.lstrip("-").isdigit() else value


def accept_referrals(world: World, loan: dict[str, Any], remark: str) -> None:
    """The credit executive says something to every reason for which the rules refer."""
    executive, path = world.credit_executive, f"/loans/{loan['id']}/referrals"
    for referral in executive.get(path):
        executive.send("PUT", f"{path}/{referral['ruleId']}", json={"accepted": True, "remark": remark})


def save_cam(world: World, loan: dict[str, Any], amount: str | None = None) -> dict[str, Any]:
    """The credit executive completes the memo that the statement pre-filled."""
    with world.story.step("CAM saved") as said:
        executive = world.credit_executive
        start = executive.call("GET", f"/loans/cam-calculator/{loan['id']}")
        today = date.fromisoformat(loan["createdAt"][:10])
        body = {name: start[name] for name in _CAM_PREFILLED if start.get(name) is not None} | {
            "loanId": loan["id"],
            "obligations": start.get("obligations") or "0.00",
            "loanRecommended": amount,
            "roi": "1.0",
            "disbursalDate": (today + timedelta(days=1)).isoformat(),
            "repayDate": (today + timedelta(days=1 + loan["appliedTenureDays"])).isoformat(),
            "remark": "Salary and obligations checked against the statement",
        }
        cam = executive.call("POST", f"/loans/brand/{world.brand_id}/cam-calculator/save", json=body)
        said.append(
            f"avgSalary {cam['avgSalary']}  FOIR {cam['foirAchieved']} -> {cam['proposedFoir']} % of"
            f" {cam['eligibleFoir']} %  eligibleLoan {cam['eligibleLoan']}  recommended {cam['loanRecommended']}"
        )
    return cam


_CAM_PREFILLED = (
    *(f"salaryCreditDate{n}" for n in (1, 2, 3)),
    *(f"salaryAmount{n}" for n in (1, 2, 3)),
    "nextPayDate",
)


def asha(world: World) -> dict[str, Any]:
    """Approved, paid out, paid back, closed. Returns the loan as it ended."""
    world.story.chapter("1. Asha is approved, takes the loan and pays it back")
    app = onboard(world, ASHA, "61000")
    loan = apply(world, app, "25000.00", 24)
    report = gather_evidence(world, app, loan)
    world.story.keep("bank statement analysis (JSON)", "asha-bsa.json", _pretty(report))
    for kind, name in (("page", "html"), ("pdf", "pdf")):
        data = world.credit_executive.get(f"/loans/{loan['id']}/bsa/{kind}")
        world.story.keep(f"bank statement analysis ({name.upper()})", f"asha-bsa.{name}", data)
    decision = decide(world, loan, "APPROVE")
    world.story.keep("decision (JSON)", "asha-decision.json", _pretty(decision))
    save_cam(world, loan)
    sanction(world, loan)
    sign(world, app, loan)
    disburse(world, loan)
    repay(world, app, loan)
    return close(world, app, loan)


def sanction(world: World, loan: dict[str, Any]) -> None:
    """The executive recommends, the sanction manager approves."""
    with world.story.step("recommended by the credit executive"):
        world.credit_executive.post(f"/loans/{loan['id']}/recommend", json={"remark": "Within policy"})
    with world.story.step("approved by the sanction manager") as said:
        approved = world.sanction_manager.post(
            f"/loans/{loan['id']}/sanction/approve", json={"remark": "Approved"}
        )
        said.append(f"{approved['sanctionedAmount']} at {approved['roiPercentPerDay']} % a day")


def accept_key_facts(world: World, app: CustomerApp, loan: dict[str, Any]) -> None:
    """What the loan costs and how it is repaid, which the customer accepts before anything is signed."""
    path = f"/web/loans/{loan['id']}"
    with world.story.step("key facts mailed, accepted by the customer") as said:
        documents = wait_for(
            lambda: [d for d in app.get(f"{path}/documents") if d["kind"] == "KFS"], "the key facts"
        )
        kfs = app.get(f"{path}/key-facts")
        app.post(f"{path}/key-facts/accept", json={"version": kfs["version"]})
        said.append(f"{kfs['number']}, check code {kfs['checkCode']}")
        data = app.get(f"{path}/documents/{documents[-1]['id']}/file")
        world.story.keep("Key Facts Statement (PDF)", "asha-key-facts.pdf", data)


def sign(world: World, app: CustomerApp, loan: dict[str, Any]) -> None:
    """The agreement is made and sent by a job; the customer signs at Signzy, whose webhook brings it back."""
    accept_key_facts(world, app, loan)
    path = f"/web/loans/{loan['id']}/agreement"
    with world.story.step("agreement PDF made and sent (Signzy)"):
        agreement = wait_for(
            lambda: _at(app.get(path), "agreementStatus", "SENT"), "the agreement to be sent"
        )
    with world.story.step("signed by the customer, webhook stored the PDF"):
        app.sandbox.call("POST", agreement["signUrl"], json={"action": "sign"})
        wait_for(lambda: _at(app.get(path), "agreementStatus", "SIGNED"), "the signed agreement")
    for document in app.get(f"/web/loans/{loan['id']}/documents"):
        if document["kind"] in ("LOAN_AGREEMENT", "SIGNED_AGREEMENT"):
            name = document["kind"].lower().replace("_", "-")
            data = app.get(f"/web/loans/{loan['id']}/documents/{document['id']}/file")
            expect(data.startswith(b"%PDF-"), f"the {name} is a PDF")
            world.story.keep(name.replace("-", " ") + " (PDF)", f"asha-{name}.pdf", data)


def _at(record: dict[str, Any], field: str, value: str) -> dict[str, Any] | None:
    return record if record[field] == value else None


def disburse(world: World, loan: dict[str, Any]) -> None:
    """Loan Ops proposes the payout, another person releases it; the bank's UTR comes by webhook."""
    path = f"/loans/{loan['id']}/disbursement"
    with world.story.step("payout proposed by Loan Ops") as said:
        order = world.admin.post(path, once=True, expect=201, json={"rail": "IMPS"})
        said.append(f"{order['rail']}, {order['channel'].lower()}")
    with world.story.step("who proposed it may not release it"):
        world.admin.post(f"{path}/{order['id']}/release", once=True, expect=403)
    with world.story.step("released by a second person"):
        world.super_admin.post(f"{path}/{order['id']}/release", once=True, expect=202)
    with world.story.step("paid out, UTR by webhook") as said:
        wait_for(
            lambda: _at(world.admin.get(f"/loans/{loan['id']}"), "status", "ACTIVE"), "the loan to be active"
        )
        payouts = world.admin.get(f"/loans/{loan['id']}/payouts")
        said.append(f"UTR {payouts[0]['utr']}  {payouts[0]['amount']}")


def repay(world: World, app: CustomerApp, loan: dict[str, Any]) -> None:
    """The customer pays what is outstanding through a Razorpay link."""
    with world.story.step("asked what is outstanding") as said:
        outstanding = app.get(f"/web/loans/{loan['id']}/outstanding")["total"]
        said.append(outstanding)
    with world.story.step("payment link (Razorpay)") as said:
        request = app.post(f"/web/loans/{loan['id']}/payments", once=True, expect=201, json={})
        expect(Decimal(request["amount"]) == Decimal(outstanding), "the link asks for what is outstanding")
        said.append(request["shortUrl"])
    with world.story.step("paid by UPI, signed webhook"):
        app.sandbox.call("POST", request["shortUrl"] + "/pay", json={"method": "upi", "outcome": "success"})


def close(world: World, app: CustomerApp, loan: dict[str, Any]) -> dict[str, Any]:
    """The ledger is at zero, the loan closed, the NOC mailed."""
    with world.story.step("ledger at zero, loan closed") as said:
        path = f"/web/loans/{loan['id']}"
        closed = wait_for(lambda: _at(app.get(path), "status", "COMPLETED"), "the loan to be closed")
        ledger = world.admin.get(f"/loans/{loan['id']}/ledger")
        expect(
            Decimal(ledger["outstanding"]["total"]) == 0, f"nothing is outstanding: {ledger['outstanding']}"
        )
        said.append(f"{len(ledger['entries'])} entries")
    with world.story.step("NOC mailed") as said:

        def noc() -> str | None:
            mails = world.sandbox.messages(app.person["email"])
            found = [m for m in mails if "No-objection" in m["subject"] and m["attachments"]]
            return found[0]["subject"] if found else None

        said.append(wait_for(noc, "the NOC in the mailbox"))
    return closed


def bharat(world: World) -> dict[str, Any]:
    """Rejected by the rules, with every reason."""
    world.story.chapter("2. Bharat is rejected by the rules")
    app = onboard(world, BHARAT, "42000")
    loan = apply(world, app, "20000.00", 24)
    gather_evidence(world, app, loan)
    decision = decide(world, loan, "REJECT")
    expect(len(decision["reasons"]) > 1, "several reasons")
    with world.story.step("explained to staff and to the customer") as said:
        outlook = world.credit_executive.get(f"/decisions/{decision['id']}")["whatWouldChange"]
        said.append(
            f"{len(outlook['changes'])} ways out, {len(outlook['beyondInfluence'])} reasons beyond influence"
        )
        told = app.get(f"/web/loans/{loan['id']}/decision")
        expect(0 < len(told["reasons"]) <= 4, "the customer is told the principal reasons")
    world.story.keep("decision of the reject (JSON)", "bharat-decision.json", _pretty(decision))
    rejected = app.get(f"/web/loans/{loan['id']}")
    expect(rejected["status"] == "REJECTED", "the application ended")
    return rejected


def chitra(world: World) -> dict[str, Any]:
    """Referred by the rules, then rejected by a sanction head with a remark."""
    world.story.chapter("3. Chitra is referred, then rejected by the sanction head")
    app = onboard(world, CHITRA, "45000")
    loan = apply(world, app, "15000.00", 24)
    gather_evidence(world, app, loan)
    decide(world, loan, "REFER")
    save_cam(world, loan, "10000.00")
    with world.story.step("referrals accepted with a remark, recommended") as said:
        accept_referrals(world, loan, "New to credit, salary steady")
        world.credit_executive.post(
            f"/loans/{loan['id']}/recommend", json={"remark": "Small amount, repaid from the next salary"}
        )
        found = world.credit_executive.get(f"/loans/{loan['id']}/deviations")
        said.append(", ".join(f"{one['ruleId']} ({one['code']})" for one in found))
    with world.story.step("the manager agrees; it needs a head as well") as said:
        path, body = f"/loans/{loan['id']}/sanction/approve", {"remark": "Looks fine"}
        said.append(world.sanction_manager.post(path, json=body)["status"])
    with world.story.step("rejected by the sanction head") as said:
        body = {"reasonCode": "BU26", "remark": "No credit history; come back with six months of one"}
        loan = world.sanction_head.post(f"/loans/{loan['id']}/sanction/reject", json=body)
        said += [loan["status"], body["remark"]]
    return loan


def _pretty(value: dict[str, Any]) -> bytes:
    return json.dumps(value, indent=2, ensure_ascii=False).encode()
