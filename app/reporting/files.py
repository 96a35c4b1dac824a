"""The files of a run: what they are called, how they are stored, encrypted chunk by chunk, and how they are read.

Pages come from JSON Lines, whose blocks of rows have their places in a file of their own: a page reads the chunks that
hold its rows.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import Any

from app.core import audit
from app.core.errors import Conflict
from app.files import CHUNKED, ChunkedFile, get_chunked_range, put_chunked, storage, stream_chunked
from app.reporting.models import ReportRun
from app.reporting.workspace import workspace
from reports.pick import Pick
from reports.produce import Produced
from reports.sheets import XLSX_ROWS_MAX
from reports.write import BLOCK_ROWS, FORMATS, Format, as_array, rows_of, write_jsonl_blocks
from storage import StorageError, key_for

# what people may ask for, and the stored file that each comes from
SOURCES = {
    "csv": "rows.csv",
    "xlsx": "rows.xlsx",
    "parquet": "rows.parquet",
    "json": "rows.jsonl",
    "html": "rows.html",
}
ASKED_FOR = tuple(SOURCES)
_BLOCKS = "rows.blocks.json"
# a workbook takes long to write: of longer reports it is made when somebody asks for it
XLSX_ROWS_ALWAYS = 5_000
# what was stored before files were encrypted
_PLAIN = ("rows.csv", "rows.jsonl", _BLOCKS)


def key(prefix: str, name: str) -> str:
    """The key of a file of a run."""
    return f"{prefix}/{name}{CHUNKED}"


def keys(run: ReportRun) -> list[str]:
    """Every object of a run."""
    if not run.file_key:
        return []
    if run.files is None:
        return [f"{run.file_key}/{name}" for name in _PLAIN]
    return [key(run.file_key, name) for name in (*SOURCES.values(), _BLOCKS)]


def new_prefix(brand_id: str, run_id: object) -> str:
    """A place for the files of one attempt at a run."""
    return key_for(brand_id, "reports", str(run_id), token_hex(4))


def write(made: Produced, directory: Path) -> dict[str, Path]:
    """The files of a finished report by their names, the formats that are always there."""
    csv, jsonl, blocks = (directory / name for name in ("out.csv", "out.jsonl", "out.blocks"))
    FORMATS["csv"].write(made, csv)
    blocks.write_text(json.dumps(write_jsonl_blocks(made, jsonl)))
    found = {"rows.csv": csv, "rows.jsonl": jsonl, "rows.parquet": made.rows, _BLOCKS: blocks}
    if made.row_count <= XLSX_ROWS_ALWAYS:
        found["rows.xlsx"] = directory / "out.xlsx"
        FORMATS["xlsx"].write(made, found["rows.xlsx"])
    if made.report.charts:
        found["rows.html"] = directory / "out.html"
        FORMATS["html"].write(made, found["rows.html"])
    return found


def store(brand_id: str, prefix: str, found: dict[str, Path]) -> None:
    """Put the files into the store. Call it outside of any scope: it takes as long as it takes."""
    for name, path in found.items():
        with path.open("rb") as content:
            put_chunked(key(prefix, name), content, brand_id)


def discard(prefix: str, names: dict[str, Path]) -> None:
    """Remove the files of an attempt that nobody will read, if the store answers."""
    with suppress(StorageError):
        for name in names:
            storage().remove(key(prefix, name))


def sweep(brand_id: str, run_id: object, kept: str | None) -> None:
    """Remove what attempts at a run left that were killed: all its files but those of the attempt that is `kept`."""
    with suppress(StorageError):
        for found in list(storage().keys(f"{key_for(brand_id, 'reports', str(run_id))}/")):
            if kept is None or not found.startswith(f"{kept}/"):
                storage().remove(found)


def formats_of(found: dict[str, Path]) -> dict[str, bool]:
    """What `ReportRun.files` says of these files."""
    return {name: source in found for name, source in SOURCES.items() if source in found}


def missing(run: ReportRun, format_: str) -> bool:
    """Whether a format of a READY run has to be made yet. Raises Conflict for one that the report is too long for."""
    if format_ == "xlsx" and run.row_count > XLSX_ROWS_MAX:
        words = f"A sheet holds at most {XLSX_ROWS_MAX:,} rows. Take csv or parquet."
        raise Conflict(words, code="TOO_MANY_ROWS", field="format")
    return not run.files.get(format_)


def render(run: ReportRun, made: Produced, format_: str) -> None:
    """Make and store a format of a READY run from its rows."""
    with workspace() as directory:
        path = directory / "out"
        FORMATS[format_].write(made, path)
        store(run.brand_id, run.file_key, {SOURCES[format_]: path})


def fetch_rows(run: ReportRun, path: Path) -> None:
    """The rows of a READY run as Parquet in a file of ours; call it in the brand's scope."""
    with path.open("wb") as target:
        target.writelines(stream_chunked(key(run.file_key, SOURCES["parquet"])))


def content_type(format_: str) -> str:
    return FORMATS[format_].content_type


def named(run: ReportRun, format_: str) -> str:
    """How the file is called when it is saved."""
    known: Format = FORMATS[format_]
    return f"{run.report_type}_{run.brand_id}_{run.from_date}_{run.to_date}.{known.extension}"


def stream(run: ReportRun, format_: str, head: dict[str, Any]) -> ChunkedFile | Iterator[bytes]:
    """A file of a READY run in chunks: as it is stored; of JSON one object with `head` and the rows."""
    stored = ChunkedFile(key(run.file_key, SOURCES[format_]))
    if format_ != "json":
        return stored
    return as_array(stored, b'{"meta":' + json.dumps(head).encode() + b',"rows":[', b"]}\n")


def rows(run: ReportRun, first: int, last: int) -> list[dict[str, Any]]:
    """Rows [first, last): only the blocks of the file that hold them are read."""
    if first >= last:
        return []
    starts = json.loads(b"".join(stream_chunked(key(run.file_key, _BLOCKS))))
    block, until = first // BLOCK_ROWS, -(-last // BLOCK_ROWS)
    found = rows_of(get_chunked_range(key(run.file_key, SOURCES["json"]), starts[block], starts[until]))
    return found[first - block * BLOCK_ROWS : last - block * BLOCK_ROWS]


def picked(run: ReportRun, pick: Pick, first: int, size: int) -> tuple[list[dict[str, Any]], int]:
    """Rows as somebody wants to look at them, from `first` on, and how many those are in all."""
    with workspace() as directory:
        path = directory / "rows.parquet"
        fetch_rows(run, path)
        return pick.page(path, first, size)


def record(what: str, run: ReportRun, **more: Any) -> None:
    """Write to the audit trail what was done with a run."""
    told = {
        "report_type": run.report_type,
        "from_date": run.from_date.isoformat(),
        "to_date": run.to_date.isoformat(),
        "unmasked": run.unmasked,
        "rows": run.row_count,
        **({"options": run.options} if run.options else {}),
    }
    audit.record(f"report.{what}", "report_run", run.id, after=told | more)
