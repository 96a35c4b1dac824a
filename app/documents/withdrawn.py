"""A document that was withdrawn stays on file, as people hold it: whoever gets it sees on every page that it counts no
more."""

import io
from datetime import date

import pikepdf

from app.documents import languages
from app.documents.render import render


def marked(pdf: bytes, on: date, language: str) -> bytes:
    """The same pages, with the day since which they do not count written across each."""
    said = languages.words(language)["withdrawn"]
    since = said["since"].format(date=languages.long_date(on, language))
    stamp = render("withdrawn", {"word": said["word"], "since": since})
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document, pikepdf.open(io.BytesIO(stamp)) as over:
        for page in document.pages:
            page.add_overlay(over.pages[0])
        document.save(out, deterministic_id=True)
    return out.getvalue()
