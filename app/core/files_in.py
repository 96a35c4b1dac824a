"""Files of rows that somebody uploads. The same bytes again are the same file."""

import hashlib
from collections.abc import Callable
from typing import TypeVar

from peewee import IntegrityError

from app.core import identity
from app.core.database import TenantModel, db
from app.core.errors import Invalid
from app.core.tables_in import FileProblem

READING, READ = "READING", "READ"
File = TypeVar("File", bound=TenantModel)
Row = TypeVar("Row")


def keep(
    model: type[File],
    name: str,
    data: bytes,
    read: Callable[[bytes], list[Row]],
    *,
    bytes_max: int,
    code: str,
) -> tuple[File, list[Row] | None]:
    """A file in the state READING and its rows; no rows where it was there before. `read` raises FileProblem.

    Raises Invalid, field `file`: FILE_TOO_LARGE, or `code` where it is no such file.
    """
    if len(data) > bytes_max:
        raise Invalid(f"Larger than {bytes_max // 2**20} MB.", field="file", code="FILE_TOO_LARGE")
    sha256 = hashlib.sha256(data).hexdigest()
    known = model.get_or_none(model.sha256 == sha256)
    if known is not None:
        return known, None
    try:
        rows = read(data)
    except FileProblem as problem:
        raise Invalid(str(problem), field="file", code=code) from None
    told = {"name": name[:200] or "file", "uploaded_by": identity.actor().id, "row_count": len(rows)}
    try:
        with db.atomic():
            return model.create(sha256=sha256, status=READING, **told), rows
    except IntegrityError:  # sent in twice at the same moment
        return model.get(model.sha256 == sha256), None
