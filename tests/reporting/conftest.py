"""A book with one loan that went all the way, and staff who read reports."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from app.core.identity import Role
from app.demo import journeys
from app.demo.client import Portal
from tests.platform import Platform
from tests.stages import Stages

INDIA = ZoneInfo("Asia/Kolkata")


@dataclass(frozen=True)
class Desk:
    """One member of staff who asks for reports."""

    platform: Platform
    portal: Portal

    def days(self, **more: Any) -> dict[str, Any]:
        """The question: today."""
        today = datetime.now(INDIA).date().isoformat()
        return {"fromDate": today, "toDate": today, **more}

    def ask(self, name: str, expect: int = 202, **more: Any) -> dict[str, Any]:
        return self.portal.get(f"/report/{name}", params=self.days(**more), expect=expect)

    def fetch(
        self, path: str, method: str = "GET", headers: dict[str, str] | None = None
    ) -> requests.Response:
        """Whatever is answered, with its headers."""
        own = self.portal._headers | (headers or {})
        return requests.request(method, self.platform.api.base_url + path, headers=own, timeout=30)

    def produced(self, name: str, **more: Any) -> dict[str, Any]:
        """A new run of today's report, READY."""
        run = self.ask(name, refresh="true", **more)
        self.platform.drain()
        return self.portal.get(f"/report-runs/{run['runId']}")

    def rows(self, name: str, **more: Any) -> list[dict[str, Any]]:
        """Every row of a new run."""
        return self.rows_of(self.produced(name, **more))

    def rows_of(self, run: dict[str, Any]) -> list[dict[str, Any]]:
        """Every row of a run, page by page."""
        found: list[dict[str, Any]] = []
        while len(found) < run["rowCount"]:
            asked = {"runId": run["runId"], "pageSize": 500, "page": 1 + len(found) // 500}
            found += self.portal.get(f"/report/{run['reportType']}", params=asked)["rows"]
        return found


@pytest.fixture
def admin(platform: Platform) -> Desk:
    return Desk(platform, platform.staff(Role.ADMIN))


@pytest.fixture
def collector(platform: Platform) -> Desk:
    """Reads reports, but not personal data."""
    return Desk(platform, platform.staff(Role.COLLECTION_MANAGER))


@pytest.fixture(scope="module")
def closed(platform: Platform) -> Stages:
    """A loan that was paid out and repaid today."""
    stages = Stages(platform).active()
    with platform.working():
        journeys.repay(stages.world, stages.app, stages.loan)
        journeys.close(stages.world, stages.app, stages.loan)
    return stages
