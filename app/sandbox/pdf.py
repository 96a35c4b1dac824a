"""Small PDFs for the sandbox: pages of plain text, alone or after an existing document."""

import io
from collections.abc import Iterable

import pikepdf

PAGE_SIZE = (595, 842)  # A4 in points
FONT = {"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Helvetica"}


def is_pdf(data: bytes) -> bool:
    """Whether it opens as a PDF with at least a page."""
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            return len(pdf.pages) > 0
    except pikepdf.PdfError:
        return False


def text_pdf(lines: Iterable[str]) -> bytes:
    """A PDF of one page with these lines."""
    with pikepdf.new() as pdf:
        _add_page(pdf, lines)
        return _bytes(pdf)


def with_page(document: bytes, lines: Iterable[str]) -> bytes:
    """The document with one more page at its end."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        _add_page(pdf, lines)
        return _bytes(pdf)


def _add_page(pdf: pikepdf.Pdf, lines: Iterable[str]) -> None:
    shown = " ".join(f"({_escaped(line)}) Tj T*" for line in lines)
    font = pikepdf.Dictionary({f"/{key}": pikepdf.Name(value) for key, value in FONT.items()})
    page = pdf.add_blank_page(page_size=PAGE_SIZE)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = pdf.make_stream(f"BT /F1 11 Tf 18 TL 60 780 Td {shown} ET".encode("latin-1", "replace"))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _bytes(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()
