"""PDF pages as words with positions, through PDFium: it reads what browsers read, damaged files included."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import pypdfium2
from pypdfium2 import raw

from pipelines.statements.page import Document, Line, Word, numbered
from pipelines.statements.problems import (
    CORRUPT,
    PASSWORD_NEEDED,
    SCANNED,
    TOO_LARGE,
    WRONG_PASSWORD,
    StatementProblem,
)

PAGES_MAX = 500
LETTERS_MAX = 4_000_000
PAGE_LETTERS_MAX = 60_000
LETTERS_A_PAGE_MIN = 20  # a page with fewer is a picture with a stamp on it
_BLANKS = frozenset({*range(2), *range(3, 33), 0xA0, 0x200B, 0xFEFF, 0xFFFE, 0xFFFF})
_LINE_END_HYPHENS = frozenset({2, 0xAD})  # PDFium takes them for hyphenation
# (letter, x0, x1, top, bottom), y downwards
Letter = tuple[str, float, float, float, float]
# From (left, right, bottom, top), y upwards, to (x0, x1, top, bottom): as it is, and turned by a quarter each.
TURNS: tuple[Callable[..., tuple[float, float, float, float]], ...] = (
    lambda left, right, bottom, top: (left, right, -top, -bottom),
    lambda left, right, bottom, top: (bottom, top, left, right),
    lambda left, right, bottom, top: (-right, -left, bottom, top),
    lambda left, right, bottom, top: (-top, -bottom, -right, -left),
)
SPACE_RATIO, LINE_RATIO = 0.12, 0.4  # of a letter's height


def open_pdf(
    data: bytes, passwords: Sequence[str], *, given: bool
) -> tuple[pypdfium2.PdfDocument, int | None]:
    """The document and the index of the password that fitted. `given`: the customer gave one."""
    for index, password in enumerate((None, *passwords), -1):
        try:
            pdf = pypdfium2.PdfDocument(data, password=password)
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) != raw.FPDF_ERR_PASSWORD:
                raise StatementProblem(CORRUPT) from error
        else:
            return pdf, index if index >= 0 else None
    raise StatementProblem(WRONG_PASSWORD if given else PASSWORD_NEEDED)


def read_pdf(data: bytes, passwords: Sequence[str] = (), *, given: bool = False) -> Document:
    """The lines of every page. Raises StatementProblem."""
    if b"%%EOF" not in data[-2048:] and b"startxref" not in data[-2048:]:
        raise StatementProblem(CORRUPT)
    pdf, opened_with = open_pdf(data, passwords, given=given)
    if len(pdf) > PAGES_MAX:
        raise StatementProblem(TOO_LARGE, f"The file has {len(pdf)} pages; at most {PAGES_MAX} are read.")
    lines: list[Line] = []
    letters = 0
    try:
        for number in range(len(pdf)):
            found = _letters(pdf[number])
            letters += len(found)
            if letters > LETTERS_MAX:
                raise StatementProblem(TOO_LARGE)
            lines += _lines(number + 1, found)
    except pypdfium2.PdfiumError as error:
        raise StatementProblem(CORRUPT) from error
    if letters < LETTERS_A_PAGE_MIN * max(len(pdf), 1):
        raise StatementProblem(SCANNED if len(pdf) else CORRUPT, opened_with=opened_with)
    return Document(lines, aligned=True, opened_with=opened_with)


def _letters(page: pypdfium2.PdfPage) -> list[Letter]:
    """The letters of a page without spaces, upright whatever way the page was turned."""
    text = page.get_textpage()
    if text.count_chars() > PAGE_LETTERS_MAX:
        raise StatementProblem(TOO_LARGE)
    boxes = list(_boxes(text))
    turned = [[(letter, *turn(*box)) for letter, *box in boxes] for turn in TURNS]
    # pages are set sideways and then turned, or not: upright is how most letters follow each other to the right
    upright = max(turned, key=_follow_each_other)
    left = min((letter[1] for letter in upright), default=0)
    return [(letter, x0 - left, x1 - left, top, bottom) for letter, x0, x1, top, bottom in upright]


def _boxes(text: pypdfium2.PdfTextPage) -> Iterator[Letter]:
    """(letter, left, right, bottom, top) as the file has them, y upwards."""
    box = raw.FS_RECTF()
    for index in range(text.count_chars()):
        code = raw.FPDFText_GetUnicode(text, index)
        if code in _BLANKS:
            continue
        letter = "-" if code in _LINE_END_HYPHENS else chr(code)
        # the loose box: as wide as the letter's advance and as high as its font, whatever letter it is
        raw.FPDFText_GetLooseCharBox(text, index, box)
        yield letter, box.left, box.right, box.bottom, box.top


def _follow_each_other(letters: Sequence[Letter]) -> int:
    """How many letters stand right of the one before, on its level."""
    return sum(
        0 <= two[1] - one[1] < 3 * (one[4] - one[3]) and abs(two[4] - one[4]) < 0.1 * (one[4] - one[3])
        for one, two in pairwise(letters)
    )


def _lines(page: int, letters: list[Letter]) -> list[Line]:
    """Letters on one level are a line; letters that touch are a word."""
    if not letters:
        return []
    heights = sorted(bottom - top for _, _, _, top, bottom in letters)
    height = max(heights[len(heights) * 3 // 4], 1.0)
    rows: list[list] = []
    # by the feet of the letters: commas hang lower and dots are small, so within a tolerance
    for letter in sorted(letters, key=lambda item: item[4]):
        if rows and letter[4] - rows[-1][0][4] <= LINE_RATIO * height:
            rows[-1].append(letter)
        else:
            rows.append([letter])
    return numbered(page, ((_level(row), height, _words(row, height)) for row in rows))


def _level(row: list) -> float:
    return sorted(letter[4] for letter in row)[len(row) // 2]


def _words(row: list, height: float) -> list[Word]:
    words: list[list] = []
    for letter, x0, x1, _, _ in sorted(row, key=lambda item: item[1]):
        if words and x0 - words[-1][2] <= SPACE_RATIO * height:
            if letter == words[-1][0][-1] and abs(x0 - words[-1][3]) < 0.15 * height:
                continue  # printed twice for boldness
            words[-1][0] += letter
            words[-1][2] = max(words[-1][2], x1)
            words[-1][3] = x0
        else:
            words.append([letter, x0, x1, x0])
    return [Word(text, x0, x1) for text, x0, x1, _ in words]
