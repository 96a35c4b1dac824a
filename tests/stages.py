"""Loans brought to a stage through the public API, as the demo does it, for tests that begin there."""

import os
import tempfile
from pathlib import Path
from typing import Any

from app.core.identity import Role
from app.demo import journeys
from app.demo.client import CustomerApp, Portal
from app.demo.journeys import World
from app.demo.story import Story
from tests.platform import BRAND, Platform, new_pan

ARTEFACTS = Path(tempfile.gettempdir()) / f"los-artefacts-{os.getpid()}"
SALARY = {"GOO": "61000", "OVE": "42000", "NTC": "45000"}


class _World(World):
    """Staff sign in once for all tests: a code of an authenticator is good once."""

    def __init__(self, platform: Platform, brand_id: str) -> None:
        super().__init__(platform.api.base_url, platform.sandbox.base_url, Story(ARTEFACTS), brand_id)
        self._platform = platform

    def staff(self, role: Role, brand_id: str | None = None) -> Portal:
        return self._platform.staff(role, brand_id or self.brand_id)


class Stages:
    """One customer of a persona (the first three letters of a PAN) and their loan."""

    def __init__(self, platform: Platform, persona: str = "GOO", brand_id: str = BRAND) -> None:
        self.platform, self.pan = platform, new_pan(persona)
        self.world = _World(platform, brand_id)
        self.app: CustomerApp | None = None
        self.loan: dict[str, Any] = {}

    def onboarded(self) -> "Stages":
        with self.platform.working():
            self.app = journeys.onboard(self.world, self.pan, SALARY[self.pan[:3]])
        return self

    def applied(self, amount: str = "25000.00", tenure_days: int = 24) -> "Stages":
        self.onboarded()
        self.loan = journeys.apply(self.world, self.app, amount, tenure_days)
        return self

    def evidenced(self, **application: Any) -> "Stages":
        self.applied(**application)
        with self.platform.working():
            journeys.gather_evidence(self.world, self.app, self.loan)
        return self

    def decided(self, outcome: str = "APPROVE", **application: Any) -> "Stages":
        self.evidenced(**application)
        with self.platform.working():
            journeys.decide(self.world, self.loan, outcome)
        return self

    def recommended(
        self, outcome: str = "APPROVE", amount: str | None = None, **application: Any
    ) -> "Stages":
        self.decided(outcome, **application)
        journeys.accept_referrals(self.world, self.loan, "Seen and explained")
        journeys.save_cam(self.world, self.loan, amount)
        self.staff.post(f"/loans/{self.id}/recommend", json={"remark": "Within policy"})
        return self

    def sanctioned(self) -> "Stages":
        self.decided()
        journeys.save_cam(self.world, self.loan)
        journeys.sanction(self.world, self.loan)
        return self

    def signed(self) -> "Stages":
        self.sanctioned()
        with self.platform.working():
            journeys.sign(self.world, self.app, self.loan)
        return self

    def active(self) -> "Stages":
        self.signed()
        with self.platform.working():
            journeys.disburse(self.world, self.loan)
        return self

    def closed(self) -> "Stages":
        self.active()
        with self.platform.working():
            journeys.repay(self.world, self.app, self.loan)
            journeys.close(self.world, self.app, self.loan)
        return self

    @property
    def id(self) -> str:
        return self.loan["id"]

    @property
    def staff(self) -> Any:
        """The credit executive."""
        return self.world.credit_executive

    def now(self) -> dict[str, Any]:
        """The loan as the customer sees it this moment."""
        return self.app.get(f"/web/loans/{self.id}")
