"""A customer with a PAN and a loan, who sends statements."""

import io
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pikepdf

from app.core.clock import today
from app.core.database import brand_scope
from app.core.outbox import enqueue
from app.customers import service as customers
from app.demo.client import CustomerApp
from tests.lending import at_work
from tests.pipelines.statement_files import pdf, transactions
from tests.pipelines.statement_layouts import HDFC, Layout, Txn
from tests.platform import BRAND, Platform, new_pan

HOLDER = "ASHA VERMA"
ENDED = ("READY", "FAILED", "TIMED_OUT")


@dataclass(frozen=True)
class Case:
    platform: Platform
    app: CustomerApp
    loan: dict[str, Any]

    def send(
        self,
        data: bytes,
        expect: int = 202,
        *,
        by: str = "customer",
        name: str = "statement.pdf",
        **form: str,
    ) -> dict[str, Any]:
        files = {"file": (name, data, "application/octet-stream")}
        if by == "staff":
            return self.platform.staff().post(
                f"{self.path}/statements", expect=expect, data=form, files=files
            )
        return self.app.post(f"/web{self.path}/statements", expect=expect, data=form, files=files)

    @property
    def path(self) -> str:
        return f"/loans/{self.loan['id']}"

    def read(self, data: bytes, **form: str) -> dict[str, Any]:
        """The statement as staff see it once it has been read."""
        sent = self.send(data, **form)
        self.platform.drain()
        return self.shown(sent["id"])

    def shown(self, statement_id: str) -> dict[str, Any]:
        return self.platform.staff().get(f"{self.path}/statements/{statement_id}")

    def bsa(self) -> dict[str, Any]:
        return self.platform.staff().get(f"{self.path}/bsa")


def new_case(platform: Platform, holder: str = HOLDER) -> Case:
    app = platform.customer(new_pan("GOO"))
    with at_work():
        customer_id = UUID(app.get("/web/me")["id"])
        customers.record_pan(
            customer_id, pan=app.person["pan"], name=holder, dob=date(1990, 1, 31), gender="F"
        )
    body = {"amount": "25000", "tenureDays": 24, "purpose": "MEDICAL"}
    return Case(platform, app, app.post("/web/loans", once=True, expect=201, json=body))


def recent(count: int = 60, seed: object = "recent") -> list[Txn]:
    """Transactions up to about now."""
    return transactions(count, seed, start=today() - timedelta(days=2 * count))


def statement(seed: object = "recent", *, layout: Layout = HDFC, holder: str = HOLDER, **more: Any) -> bytes:
    return pdf(recent(seed=seed), layout, holder, **more)


@contextmanager
def analysed_by(platform: Platform, analyser: str):
    """The brand has this analyser while the block lasts."""
    path = "'{providers,bankStatements}'"
    change = f"UPDATE brand SET settings = jsonb_set(settings, {path}, to_jsonb(%s::text)) WHERE id = %s"
    platform.sql(change, analyser, BRAND)
    try:
        yield
    finally:
        platform.sql(change, "own", BRAND)


def picture() -> bytes:
    """A page without text."""
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(595, 842))
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()


def analysed(case: Case, statement_id: str) -> dict:
    """The statement once the brand's analyser has ended."""

    def look() -> dict | None:
        case.platform.sql(
            "UPDATE outbox SET available_at = now() WHERE job LIKE 'banking.%%' AND status = 'PENDING'"
        )
        shown = case.shown(statement_id)
        return shown if shown["analyser"]["status"] in ENDED else None

    return case.platform.until(look, "the analyser")


def run(case: Case, job: str) -> None:
    with brand_scope(BRAND):
        enqueue(job)
    case.platform.drain()
