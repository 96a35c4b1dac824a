"""Pages of a long report are read from its file, each alone."""

from tests.reporting.conftest import Desk

MANY = 1_203


def test_every_row_is_on_one_page_in_order(admin: Desk):
    admin.platform.customer()
    admin.platform.sql(
        "INSERT INTO customer (brand_id, id, customer_no, phone_enc, phone_hash, created_at)"
        " SELECT 'qualoan', gen_random_uuid(), 'PAGE-' || n, c.phone_enc, 'page-' || n, now() - n * interval '1 ms'"
        f" FROM generate_series(1, {MANY}) n,"
        " (SELECT phone_enc FROM customer WHERE brand_id = 'qualoan' LIMIT 1) c"
    )
    run = admin.produced("master-report")
    asked = {"runId": run["runId"], "pageSize": 250}
    pages = -(-run["rowCount"] // 250)
    found = [
        row["customerId"]
        for page in range(1, pages + 1)
        for row in admin.portal.get("/report/master-report", params=asked | {"page": page})["rows"]
    ]
    assert len(found) == run["rowCount"] == run["totals"]["customers"]
    assert [number for number in found if number.startswith("PAGE-")] == [
        f"PAGE-{n}" for n in range(1, MANY + 1)
    ]


def test_beyond_the_end_is_empty(admin: Desk):
    run = admin.produced("collection-loan-report")
    page = admin.portal.get("/report/collection-loan-report", params={"runId": run["runId"], "page": 1_000})
    assert (page["rows"], page["pagination"]["page"]) == ([], 1_000)
