"""Whatever is sent to an endpoint, it answers in its own words: never a 500."""

import re
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import BaseSchema, Case

from app.core.identity import Role
from app.demo.client import Portal
from app.seed import DEMO_PASSWORD
from tests.platform import BRAND, Platform
from tests.staff.people import somebody

EXAMPLES = 3
# docs/api.md lists every endpoint, which another test holds; ending one's own session would end the test
ROWS = re.findall(r"^\| ([A-Z]+) \| `([^`]+)`", (Path(__file__).parents[2] / "docs/api.md").read_text(), re.M)
OPERATIONS = [(m, p.replace("<", "{").replace(">", "}")) for m, p in ROWS if "/logout" not in p]


@pytest.fixture(scope="module")
def document(platform: Platform) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{platform.api.base_url}/openapi.json")


@pytest.fixture(scope="module")
def tokens(platform: Platform) -> dict[str, dict[str, str]]:
    # somebody of its own: among all that is sent are wrong passwords, which lock whoever they are sent for
    admin = Portal(platform.api, somebody(platform, Role.SUPER_ADMIN).email, DEMO_PASSWORD, BRAND)
    return {"/web/": platform.customer()._headers, "/": admin._headers}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_input_breaks_an_endpoint(
    document: BaseSchema, tokens: dict[str, dict[str, str]], method: str, path: str
) -> None:
    headers = next(headers for prefix, headers in tokens.items() if path.startswith(prefix))

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(document[path][method].as_strategy())
    def holds(case: Case) -> None:
        if "brand_id" in case.path_parameters:
            case.path_parameters["brand_id"] = BRAND
        response = case.call(headers=headers)
        assert response.status_code < 500 or response.status_code == 503, response.text

    holds()
