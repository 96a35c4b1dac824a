"""What advertising costs: told, corrected, sent as a file, listed, taken back."""

import secrets
from datetime import timedelta

import pytest

from app.core.clock import today
from app.core.identity import Role
from app.demo.client import Portal
from app.spend import reading
from tests.platform import OTHER_BRAND, Platform

DAY = f"{today() - timedelta(days=1)}"


@pytest.fixture
def portal(platform: Platform) -> Portal:
    return platform.staff(Role.LOAN_EXECUTIVE)


@pytest.fixture
def source() -> str:
    return f"s{secrets.token_hex(6)}"


def told(source: str, **more: str | None) -> dict:
    return {"day": DAY, "source": source, "campaign": "diwali", "amount": "1200.50"} | more


def listed(portal: Portal, source: str, **args: object) -> list[tuple]:
    found = portal.get("/marketing-spend", params={"source": source} | args)["items"]
    return [(row["day"], row["campaign"], row["amount"]) for row in found]


def audited(platform: Platform, spend_id: str) -> list[tuple]:
    return platform.sql(
        "SELECT action, before ->> 'amount', after ->> 'amount', actor_role FROM audit_event"
        " WHERE entity = 'marketing_spend' AND entity_id = %s ORDER BY id",
        spend_id,
    )


def send(portal: Portal, *lines: str, head: str = "Day,utm_source,Campaign name,Cost") -> dict:
    file = {"file": ("spend.csv", "\n".join([head, *lines]).encode(), "text/csv")}
    return portal.post("/marketing-spend/upload", files=file)


def test_it_works(platform: Platform, portal: Portal, source: str) -> None:
    spent = portal.post("/marketing-spend", json=told(source))
    assert portal.get(f"/marketing-spend/{spent['id']}") == spent
    assert (spent["amount"], spent["enteredBy"]) == ("1200.50", portal.user["id"])
    again = portal.post("/marketing-spend", json=told(f" {source} "))
    mended = platform.staff().post("/marketing-spend", json=told(source, amount="900"))
    whole = portal.post("/marketing-spend", json=told(source, campaign=None))
    assert (again["id"], again["enteredAt"]) == (spent["id"], spent["enteredAt"])
    assert (mended["id"], mended["amount"]) == (spent["id"], "900.00")
    assert mended["enteredBy"] != spent["enteredBy"]
    assert listed(portal, source, sort="amount") == [(DAY, "diwali", "900.00"), (DAY, None, "1200.50")]
    portal.send("DELETE", f"/marketing-spend/{whole['id']}", expect=204)
    portal.send("DELETE", f"/marketing-spend/{whole['id']}", expect=404)
    assert listed(portal, source, fromDate=DAY, toDate=DAY, campaign="diwali") == [(DAY, "diwali", "900.00")]
    assert listed(portal, source, toDate="2026-01-01") == []
    assert audited(platform, spent["id"]) == [
        ("spend.entered", None, "1200.50", "LOAN_EXECUTIVE"),
        ("spend.corrected", "1200.50", "900", "ADMIN"),
    ]
    assert [action for action, *_ in audited(platform, whole["id"])] == ["spend.entered", "spend.removed"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("day", f"{today() + timedelta(days=1)}"),
        ("day", "yesterday"),
        ("source", " "),
        ("source", "x" * 201),
        ("campaign", ""),
        ("amount", "-1"),
        ("amount", "1.005"),
        ("channel", "PAID"),
    ],
)
def test_what_is_wrong_is_named(portal: Portal, field: str, value: str) -> None:
    answer = portal.post("/marketing-spend", expect=422, json=told("google") | {field: value})
    assert list(answer["error"]["fields"]) == [field]


def test_a_file_is_taken_row_by_row(portal: Portal, source: str) -> None:
    rows = [
        f'{DAY},{source},diwali,"₹1,20,000.50"',
        f"{DAY},{source},,0",
        f"{DAY},,diwali,10",
        f"31-02-2026,{source},diwali,10",
        f"{DAY},,holi,ten",
        f"{DAY},{source},diwali,7",
        f"{today() + timedelta(days=2):%d/%m/%Y},{source},diwali,1",
    ]
    answer = send(portal, *rows)
    counts = ("rows", "added", "corrected", "unchanged")
    assert [answer[name] for name in counts] == [7, 2, 0, 0]
    assert [(row["lineNo"], sorted(row["faults"])) for row in answer["refused"]] == [
        (4, ["source"]),
        (5, ["day"]),
        (6, ["amount", "source"]),
        (7, ["day"]),
        (8, ["day"]),
    ]
    once = listed(portal, source, sort="amount")
    assert once == [(DAY, None, "0.00"), (DAY, "diwali", "120000.50")]
    assert [send(portal, *rows)[name] for name in counts] == [7, 0, 0, 2]
    assert listed(portal, source, sort="amount") == once
    mended = send(portal, f"9,{source},{DAY}", head="Amount spent (INR),Channel,Date")
    assert [mended[name] for name in counts] == [1, 0, 1, 0]
    assert listed(portal, source, sort="amount")[0] == (DAY, None, "9.00")


def test_no_table_of_spend_is_refused_as_a_whole(portal: Portal) -> None:
    for data, why in (
        (b"day,amount\n2026-01-01,5\n", "No row names the columns"),
        (b"\x00\xff\xfe", "Neither CSV"),
        (b"day,source,amount\n" + b"2026-01-01,g,1\n" * (reading.ROWS_MAX + 1), "More than 10000 rows"),
        (b"x" * (2 * 2**20 + 1), "Larger than 2 MB"),
    ):
        answer = portal.post("/marketing-spend/upload", expect=422, files={"file": ("x.csv", data)})
        assert why in answer["error"]["fields"]["file"][0]


def test_it_is_of_one_brand_and_of_who_works_on_leads(platform: Platform, source: str) -> None:
    other = platform.staff(Role.ADMIN, OTHER_BRAND)
    other.post("/marketing-spend", json=told(source))
    assert listed(platform.staff(), source) == []
    platform.staff(Role.CREDIT_EXECUTIVE).get("/marketing-spend", expect=403)
