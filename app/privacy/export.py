"""What we hold of a customer, as a file for them: everything that is declared, in JSON, and their documents."""

import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from app.audit import service as trail
from app.core import clock
from app.core.holding import Holding
from app.core.http import camel
from app.documents import service as documents
from app.privacy.inventory import HOLDINGS
from storage import extension_of

# a file that one worker holds in memory; what is left out is named
DOCUMENT_BYTES_MAX = 100 * 2**20
_NEVER_TOLD = {"brand_id", "erased_at"}


def told(customer_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Every row we hold of the customer, by its table, with all that means something to them."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for holding in HOLDINGS:
        mine = holding.of(customer_id)
        if mine is not None:
            rows = holding.model.select().where(mine).order_by(holding.model.id)
            found[camel(holding.model._meta.table_name)] = [_shown(holding, row) for row in rows]
    looked = ("created_at", "actor_role", "action")
    found["accessLog"] = [{camel(n): getattr(e, n) for n in looked} for e in trail.about(customer_id)]
    return dict(found)


def _shown(holding: Holding, row: Any) -> dict[str, Any]:
    names = (field.name for field in holding.model._meta.sorted_fields)
    untold = holding.untold | _NEVER_TOLD
    # a keyed hash means nothing outside of this database
    told_names = (name for name in names if name not in untold and not name.endswith("_hash"))
    return {camel(name): getattr(row, name) for name in told_names}


def archive(customer_id: UUID) -> bytes:
    """data.json and the customer's documents, as a ZIP."""
    file, left_out = io.BytesIO(), []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in _documents(customer_id, left_out):
            packed.writestr(name, data)
        about = {"madeAt": clock.now(), "documentsLeftOut": left_out}
        text = json.dumps(about | told(customer_id), default=str, ensure_ascii=False, indent=1)
        packed.writestr("data.json", text)
    return file.getvalue()


def _documents(customer_id: UUID, left_out: list[str]) -> Iterator[tuple[str, bytes]]:
    size = 0
    for document in documents.of_customer(customer_id):
        if document.erased_at:
            continue
        name = f"documents/{document.kind.lower()}-{document.id}.{extension_of(document.content_type)}"
        size += document.size_bytes
        if size > DOCUMENT_BYTES_MAX:
            left_out.append(name)
        else:
            yield name, documents.read(document.id)
