"""From the words of a kind to the blocks that `templates/paper.typ` sets: every variable filled in, as plain text."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.documents.facts import Rows
from app.documents.languages import words

# widths (0: as wide as its words) and sides of the columns
_KEY_FACTS = {"columns": [0, 6, 7], "align": ["c", "l", "l"]}
_COMPUTATION = {"columns": [0, 9, 4], "align": ["c", "l", "r"]}
_SCHEDULE = {"columns": [0, 5, 5, 5, 5, 5], "align": ["c", "l", "r", "r", "r", "r"]}
_SETTLEMENT = {"columns": [0, 8, 5], "align": ["c", "l", "r"]}
TABLES = {
    "part_1": _KEY_FACTS,
    "part_2": _KEY_FACTS,
    "computation": _COMPUTATION,
    "schedule": _SCHEDULE,
    "settlement": _SETTLEMENT,
}
TOTALLED = ("schedule", "settlement")  # whose last row is the sum

Block = dict[str, Any]


def blocks(
    kind: str,
    language: str,
    known: Mapping[str, str],
    tables: Mapping[str, Rows],
    more_clauses: Sequence[Mapping[str, Mapping[str, str]]] = (),
) -> list[Block]:
    """The blocks of a document. `more_clauses` are the brand's own, each a title and a text by language.

    Raises KeyError for a variable or table that is not known.
    """
    page = _Page(words(language), language, known, tables, more_clauses)
    made: list[Block] = []
    for block in words(language)["kinds"][kind]["blocks"]:
        name, said = (block, None) if isinstance(block, str) else next(iter(block.items()))
        made += getattr(page, name)(said)
    return made


class _Page:
    """A method a kind of block, as it is named in the words."""

    def __init__(self, said, language, known, tables, more_clauses) -> None:
        self.said, self.language, self.known = said, language, known
        self.tables, self.more_clauses = tables, more_clauses

    def fill(self, text: str) -> str:
        return text.format_map(self.known)

    def shown(self, name: str) -> tuple[str, str]:
        """The label of a variable, and what it is."""
        pattern = self.said["values"].get(name, f"{{{name}}}")
        return self.said["labels"][name], self.fill(pattern)

    def para(self, text: str) -> list[Block]:
        return [{"kind": "para", "text": self.fill(text)}]

    def strong(self, text: str) -> list[Block]:
        return [{"kind": "strong", "text": self.fill(text)}]

    def heading(self, text: str) -> list[Block]:
        return [{"kind": "heading", "text": text}]

    def address(self, _: None) -> list[Block]:
        lines = [self.known[name] for name in ("name", "address") if self.known[name]]
        return [{"kind": "address", "lines": lines}] if lines else []

    def facts(self, names: list[str]) -> list[Block]:
        return [{"kind": "facts", "rows": [self.shown(name) for name in names]}]

    def tiles(self, names: list[str]) -> list[Block]:
        return [{"kind": "tiles", "items": [self.shown(name) for name in names]}]

    def table(self, name: str) -> list[Block]:
        titles = self.said["tables"]
        head = titles.get(f"{name}_head", [])
        rows = {"kind": "rows", "head": head, "rows": self.tables[name], **TABLES[name]}
        if name in TOTALLED:
            rows |= {"rows": self.tables[name][:-1], "total": self.tables[name][-1]}
        return [*self.heading(titles[name]), rows]

    def clauses(self, clauses: list[dict[str, str]]) -> list[Block]:
        items = [(clause["title"], self.fill(clause["text"])) for clause in clauses]
        own = [tuple(_in(self.language, part) for part in (c["title"], c["text"])) for c in self.more_clauses]
        return [{"kind": "clauses", "items": [*items, *own]}]

    def signatures(self, _: None) -> list[Block]:
        roles = self.said["roles"]
        parties = [(self.known["lender"], roles["lender"]), (self.known["name"], roles["borrower"])]
        return [{"kind": "signatures", "parties": parties}]

    def closing(self, _: None) -> list[Block]:
        text = self.fill(self.said["closing"])
        return [{"kind": "closing", "lender": self.known["lender"], "text": text}]


def _in(language: str, by_language: Mapping[str, str]) -> str:
    return by_language.get(language) or by_language["en"]
