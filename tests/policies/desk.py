"""A brand of its own for a test, with a credit desk: who drafts, who approves, and applications to decide on."""

import secrets
import string
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any
from uuid import uuid4

import requests

from app.brands import service as brands
from app.core.database import brand_scope
from app.core.identity import STAFF_ROLES, Role
from app.core.numbers import next_number
from app.customers import service as customers
from app.demo.client import Portal
from app.loans.models import Loan
from app.loans.states import LOAN
from app.seed import BRANDS, DEMO_AUTHENTICATOR, DEMO_PASSWORD, email_of
from app.staff import service as staff
from tests.platform import Platform

RULES = """\
ruleset: bre
brand: {brand}
description: {description}

parameters:
  maximum_amount: {maximum}

rules:
  - id: AMOUNT_ABOVE_MAXIMUM
    when: requested_amount > maximum_amount
    then: reject
    reason: "Amount {{requested_amount}} is above the maximum of {{maximum_amount}}"
    customer_reason: The amount is more than we can lend to you.
    source: Credit policy EL09
"""
CASES = """\
cases:
  - {id: SMALL, ruleset: bre, with: {requested_amount: 5000}, expect: {outcome: APPROVE}}
  - {id: LARGE, ruleset: bre, with: {requested_amount: 100000}, expect: {outcome: REJECT}}
"""


@cache
def _password_hash() -> str:
    return staff.hash_password(DEMO_PASSWORD)


@dataclass(frozen=True)
class Answer:
    """What a call answered, whatever its status."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return self.body["error"]["code"]


class Desk:
    """The staff of one brand, and how they change its rules."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self._portals: dict[Role, Portal] = {}
        self.brand = "t" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(12))
        brands.create(self.brand, self.brand.title(), BRANDS["qualoan"]["settings"])
        for role in STAFF_ROLES:
            seed = DEMO_AUTHENTICATOR if role in staff.SECOND_FACTOR_ROLES else None
            staff.create(
                email_of(role, self.brand), role.title(), _password_hash(), [(self.brand, role)], seed
            )

    @cached_property
    def maker(self) -> Portal:
        return self.portal(Role.CREDIT_EXECUTIVE)

    @cached_property
    def checker(self) -> Portal:
        return self.portal(Role.SANCTION_HEAD)

    @cached_property
    def admin(self) -> Portal:
        return self.portal(Role.ADMIN)

    def portal(self, role: Role) -> Portal:
        """Somebody with `role`, who signs in once: a second code would be half a minute away."""
        if role not in self._portals:
            email = email_of(role, self.brand)
            self._portals[role] = Portal(self.platform.api, email, DEMO_PASSWORD, self.brand)
        return self._portals[role]

    def files(
        self, maximum: int = 50_000, description: str = "A small policy", **more: str
    ) -> dict[str, str]:
        text = RULES.format(brand=self.brand, maximum=maximum, description=description)
        return {f"brands/{self.brand}/bre.yaml": text, f"brands/{self.brand}/cases.yaml": CASES} | more

    def call(
        self, portal: Portal, method: str, path: str, headers: dict[str, str] | None = None, **request: Any
    ) -> Answer:
        """Any call below the brand's policies."""
        url = portal.api.base_url + portal.path(f"/policies{path}")
        answer = requests.request(
            method, url, headers=portal._headers | (headers or {}), timeout=30, **request
        )
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return Answer(
            answer.status_code,
            answer.json() if is_json and answer.content else answer.content,
            dict(answer.headers),
        )

    def draft(self, maximum: int = 50_000, **files: Any) -> dict[str, Any]:
        body = {"files": self.files(maximum, **files), "remark": f"Up to {maximum}"}
        return self.maker.post("/policies/bre/versions", expect=201, json=body)

    def backtested(self, version: dict[str, Any]) -> dict[str, Any]:
        run = self.maker.post(f"/policies/versions/{version['id']}/backtest", expect=202, json={})
        path = f"/policies/backtests/{run['id']}"
        return self.platform.until(lambda: self._ended(path), "the backtest")

    def backtested_on(self, version: dict[str, Any], book: bytes, expect: int = 202, **form: str) -> Any:
        """The run on a book that is sent, once it has ended; or what was refused."""
        path = f"/versions/{version['id']}/backtest/book"
        asked = self.call(self.maker, "POST", path, files={"file": ("book", book)}, data=form)
        assert asked.status == expect, asked
        if expect != 202:
            return asked.body["error"]
        path = f"/policies/backtests/{asked.body['id']}"
        return self.platform.until(lambda: self._ended(path), "the backtest")

    def _ended(self, path: str) -> dict[str, Any] | None:
        run = self.maker.get(path)
        return run if run["status"] in ("READY", "FAILED") else None

    def submitted(self, maximum: int = 50_000, **files: Any) -> dict[str, Any]:
        version = self.draft(maximum, **files)
        assert self.backtested(version)["status"] == "READY"
        return self.step(self.maker, version, "submit")

    def step(
        self, portal: Portal, version: dict[str, Any], name: str, expect: int = 200, **body: Any
    ) -> dict[str, Any]:
        body = {"remark": f"To {name}"} | body
        return portal.post(f"/policies/versions/{version['id']}/{name}", expect=expect, json=body)

    def published(self, maximum: int = 50_000, **files: Any) -> dict[str, Any]:
        return self.step(self.checker, self.submitted(maximum, **files), "approve")

    def trial(self, maximum: int) -> dict[str, Any]:
        return self.step(self.checker, self.submitted(maximum), "approve", trial=True)

    def challenger(self, maximum: int, **experiment: Any) -> dict[str, Any]:
        """A running experiment with a challenger of this maximum."""
        body = {"versionId": self.trial(maximum)["id"], "remark": "Try it"} | experiment
        asked = self.maker.post("/policies/experiments", expect=201, json=body)
        return self.checker.post(f"/policies/experiments/{asked['id']}/start", json={"remark": "Go"})

    def in_force(self) -> dict[str, Any]:
        """The policy "bre" of the list."""
        return next(policy for policy in self.maker.get("/policies") if policy["ruleset"] == "bre")

    def application(self, amount: int) -> str:
        """An application of a new customer; the id of its loan."""
        with brand_scope(self.brand):
            customer = customers.create(f"9{uuid4().int % 10**9:09d}", {})
            loan = Loan.create(
                loan_no=next_number("L"),
                customer_id=customer.id,
                status=LOAN.initial,
                purpose="MEDICAL",
                applied_amount=Decimal(amount),
                applied_tenure_days=30,
            )
            LOAN.start(loan)
            return str(loan.id)

    def decided(self, amount: int) -> dict[str, Any]:
        loan_id = self.application(amount)
        return self.maker.post(f"/loans/{loan_id}/evaluate", expect=201)
