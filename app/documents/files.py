"""A stored file as an HTTP answer."""

from flask import Response

from app.documents.models import Document
from storage import extension_of

FILE = {"type": "string", "format": "binary"}


def file_response(document: Document, data: bytes) -> Response:
    """The bytes under the type that they were stored with; browsers save them, and do not guess."""
    name = f"{document.kind.lower()}-{document.id}.{extension_of(document.content_type)}"
    response = Response(data, mimetype=document.content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def pdf_response(data: bytes) -> Response:
    """A PDF that is made now and kept nowhere."""
    response = Response(data, mimetype="application/pdf")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
