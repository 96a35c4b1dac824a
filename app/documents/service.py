"""Documents: storing, reading and showing the files of customers and loans."""

import hashlib
from dataclasses import asdict, dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag

from app.core import audit, clock
from app.core.database import current_brand
from app.core.errors import Invalid, NotFound
from app.core.ids import new_id
from app.core.outbox import enqueue
from app.documents import withdrawn
from app.documents.kinds import KINDS
from app.documents.models import Document
from app.files import SEALED, get_sealed, put_sealed, storage
from storage import extension_of, key_for, pixels, sniff

# a picture of a phone has 12 to 50; what says it has more is meant to fill somebody's memory
PIXELS_MAX = 100_000_000


@dataclass(frozen=True)
class Made:
    """What is on file of a document that we made (`Document`)."""

    version: int
    language: str
    number: str
    check_code: str


class Damaged(Exception):
    """The stored bytes are not those that were put there."""


def store(
    customer_id: UUID | str,
    kind: str,
    data: bytes,
    content_type: str,
    *,
    loan_id: UUID | str | None = None,
    status: str = "PENDING",
    source: str | None = None,
    made: Made | None = None,
) -> Document:
    """Keep a file. `kind` is one of KINDS; `content_type` is what the sender says it is; `source` is who gave it,
    where it is not who gives files of this kind.

    Raises Invalid (field `file`) if it is empty, too large, of a type that its kind does not allow, or not
    what it says it is. An object whose transaction rolls back stays in the bucket, referred to by nothing.
    """
    _check(kind, data, content_type)
    document_id = new_id()
    key = _key_of(customer_id, document_id, content_type)
    put_sealed(key, data)
    sha256 = hashlib.sha256(data).hexdigest()
    document = Document.create(
        id=document_id,
        customer_id=customer_id,
        loan_id=loan_id,
        kind=kind,
        s3_key=key,
        sha256=sha256,
        content_type=content_type,
        size_bytes=len(data),
        status=status,
        source=source or KINDS[kind].source,
        **(asdict(made) if made else {}),
    )
    audit.record("document.stored", "document", document.id, after={"kind": kind, "sha256": sha256})
    return document


def _key_of(customer_id: UUID | str, document_id: UUID, content_type: str) -> str:
    name = f"{document_id}.{extension_of(content_type)}{SEALED}"
    return key_for(current_brand(), "documents", str(customer_id), name)


def _check(kind: str, data: bytes, content_type: str) -> None:
    allowed, found = KINDS[kind], sniff(data)
    if not data:
        raise Invalid("The file is empty.", field="file", code="FILE_EMPTY")
    if len(data) > allowed.bytes_max:
        raise Invalid(f"Larger than {allowed.bytes_max // 2**20} MB.", field="file", code="FILE_TOO_LARGE")
    if found not in allowed.content_types:
        wanted = ", ".join(extension_of(name).upper() for name in allowed.content_types)
        raise Invalid(f"Not a file that we take here: send {wanted}.", field="file", code="FILE_TYPE")
    if found != content_type:
        raise Invalid(f"Says {content_type[:60]} and is {found}.", field="file", code="FILE_TYPE")
    if (pixels(data) or 0) > PIXELS_MAX:
        raise Invalid(
            f"More than {PIXELS_MAX // 10**6} megapixels: send a smaller picture.",
            field="file",
            code="PICTURE_TOO_LARGE",
        )


def get(document_id: UUID | str) -> Document:
    """The document, or NotFound."""
    return Document.find(document_id)


def erase(document: Document) -> None:
    """Its bytes go once this has committed; that it was there stays."""
    document.change(erased_at=clock.now())
    enqueue("documents.remove_object", key=document.s3_key)
    audit.record("document.erased", "document", document.id, subject_id=document.customer_id)


def read(document_id: UUID | str) -> bytes:
    """The bytes, marked on every page if it was withdrawn. Raises NotFound once they were erased, Damaged if they are
    not those that were stored."""
    document = get(document_id)
    if document.erased_at:
        raise NotFound("document")
    data = _bytes(document)
    if hashlib.sha256(data).hexdigest() != document.sha256:
        raise Damaged(f"document {document.id} is not what was stored")
    if document.withdrawn_at:
        return withdrawn.marked(data, clock.business_day(document.withdrawn_at), document.language)
    return data


def _bytes(document: Document) -> bytes:
    # documents from before they were encrypted are there as they came, until `seal_old`
    if not document.s3_key.endswith(SEALED):
        return storage().get(document.s3_key)
    try:
        return get_sealed(document.s3_key)
    except InvalidTag:
        raise Damaged(f"document {document.id} is not what was stored") from None


def seal_old(documents_max: int) -> int:
    """Encrypt some documents from before they were; how many. The objects in clear go once this has committed."""
    plain = Document.select().where(~Document.s3_key.endswith(SEALED)).order_by(Document.id)
    found = [document.locked() for document in plain.limit(documents_max)]
    for document in found:
        key, old = _key_of(document.customer_id, document.id, document.content_type), document.s3_key
        put_sealed(key, storage().get(old))
        document.change(s3_key=key)
        enqueue("documents.remove_object", key=old)
    return len(found)


def of_customer(customer_id: UUID | str) -> list[Document]:
    """Every document of a customer, with a loan or without, oldest first."""
    return list(Document.select().where(Document.customer_id == customer_id).order_by(Document.id))


def own(customer_id: UUID | str, document_id: UUID | str) -> Document:
    """A document of this customer, or NotFound."""
    return Document.find(document_id, customer_id=customer_id)
