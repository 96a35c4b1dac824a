"""Wall: a request is one transaction. What is refused leaves nothing, what is answered is committed."""

import pytest

from app.core.database import brand_scope
from app.core.errors import Conflict
from app.customers.models import Customer
from tests.platform import BRAND, Platform

BODY = {"amount": "10000", "tenureDays": 20, "purpose": "MEDICAL"}


def rows(platform: Platform) -> dict[str, int]:
    tables = platform.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    return {table: platform.sql(f"SELECT count(*) FROM {table}")[0][0] for (table,) in tables}


def test_a_refused_request_leaves_nothing(platform: Platform) -> None:
    app = platform.customer()
    app.post("/web/loans", once=True, expect=201, json=BODY)
    platform.drain()
    before = rows(platform), platform.sql("SELECT brand_id, kind, last FROM number_series ORDER BY 1, 2")
    app.post("/web/loans", once=True, expect=409, json=BODY)
    assert (
        rows(platform),
        platform.sql("SELECT brand_id, kind, last FROM number_series ORDER BY 1, 2"),
    ) == before


@pytest.mark.parametrize(("error", "status"), [(RuntimeError("a bug"), 500), (Conflict("a refusal"), 409)])
def test_a_failure_half_way_leaves_nothing(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    app = platform.customer()
    platform.drain()
    before = rows(platform)

    def fails(*args: object, **kwargs: object) -> None:
        raise error

    # the loan is written by then, its message not
    monkeypatch.setattr("app.loans.service.messaging.notify", fails)
    app.post("/web/loans", once=True, expect=status, json=BODY)
    assert rows(platform) == before


def test_a_connection_goes_back_to_the_pool_when_a_request_fails(platform: Platform) -> None:
    app = platform.customer()
    for _ in range(platform.settings.database_pool_size + 5):
        app.post("/web/loans", once=True, expect=422, json={})
    app.get("/web/me")


def test_a_scope_commits_at_its_end_and_rolls_back_on_a_raise(platform: Platform) -> None:
    customer_id = platform.customer().get("/web/me")["id"]
    try:
        with brand_scope(BRAND):
            Customer.find(customer_id).change(name="half way")
            raise KeyError("in between")
    except KeyError:
        with brand_scope(BRAND):
            assert Customer.find(customer_id).name != "half way"


@pytest.mark.parametrize("path", ["/audit", "/messages", "/lead-forms"])
def test_days_out_of_the_calendar_are_refused_by_name(platform: Platform, path: str) -> None:
    answer = platform.staff().get(f"{path}?fromDate=0001-01-01&toDate=9999-12-31", expect=422)
    assert {*answer["error"]["fields"]} == {"fromDate", "toDate"}
