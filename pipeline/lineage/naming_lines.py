"""How a person names a line: FILE:LINE, EXTRACT:LINE, in a workbook FILE:SHEET!ROW or FILE:SHEET!CELL."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.intake.areas import address, cell_place
from pipeline.lineage.trace.finding import NotFound, marks
from pipeline.store.duck import ask
from pipeline.store.places import Places

_ROW = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True)
class Asked:
    """A line that was asked for. `sheet` and `column` only where they were said."""

    file: str
    row: int
    sheet: str | None = None
    column: int | None = None

    @property
    def cell(self) -> str | None:
        """The address of the cell, where one was asked for."""
        return None if self.column is None else address(self.row, self.column)

    @property
    def words(self) -> str:
        """The place in the file, in words."""
        place = self.cell or f"line {self.row}"
        return place if self.sheet is None else f"{place} of sheet {self.sheet!r}"


def asked_of(place: str) -> Asked:
    """Return the line that a text names; raises NotFound where it names none."""
    file, _, where = place.rpartition(":")
    sheet, _, at = where.rpartition("!")
    if file and _ROW.fullmatch(at) and int(at):
        return Asked(file, int(at), sheet or None)
    try:
        row, column = cell_place(at)
    except ValueError:
        row = column = 0
    if not (file and row):
        raise NotFound(
            f"{place!r}: found no line; expected FILE:LINE with a line from 1, or FILE:SHEET!CELL such as "
            "'answer.xlsx:Data!B7'"
        )
    return Asked(file, row, sheet or None, column)


def extracts_asked(db: duckdb.DuckDBPyConnection, places: Places, asked: Asked) -> list[dict[str, Any]]:
    """Return the extracts that a file is; raises NotFound with near names where it is none.

    FILE is an extract id, the file as a trace shows it, a path, or the end of one where only one file ends so.
    """
    extracts = ask(db, "from extract order by extract_id")
    names = {asked.file, *_below_raw(places, asked.file)}
    found = [e for e in extracts if e["extract_id"] == asked.file] or [e for e in extracts if e["file"] in names]
    if not found:
        ends = sorted({e["file"] for e in extracts if f"/{e['file']}".endswith(f"/{asked.file}")})
        if len(ends) > 1:
            raise NotFound(f"{asked.file}: found {len(ends)} files of that name; say which: {', '.join(ends)}")
        found = [e for e in extracts if e["file"] in ends]
    if not found:
        raise NotFound(_no_such_file(db, places, asked.file))
    if asked.sheet is None and asked.column is None:
        return found
    of_sheet = [e for e in found if _is_of_sheet(e, asked)]
    if not of_sheet:
        sheets = sorted({json.loads(e["address"]).get("sheet", "") for e in found if e["address"]} - {""})
        raise NotFound(
            f"{asked.file}: found no extract with {asked.words}; expected "
            + (f"a sheet that is one: {', '.join(sheets)}" if sheets else "a line number, since it is no workbook")
        )
    return of_sheet


def _is_of_sheet(extract: dict[str, Any], asked: Asked) -> bool:
    if extract["address"] is None:
        return False
    sheet = json.loads(extract["address"]).get("sheet")
    return sheet is not None and asked.sheet in (None, sheet)


def _below_raw(places: Places, file: str) -> set[str]:
    """Return what a path is called below raw/: as it is found from here, from beside raw/, and from raw/."""
    found = set()
    for path in (Path(file), places.raw.parent / file, places.raw / file):
        resolved = path.resolve()
        if resolved.is_relative_to(places.raw):
            found.add(resolved.relative_to(places.raw).as_posix())
    return found


def _no_such_file(db: duckdb.DuckDBPyConnection, places: Places, file: str) -> str:
    below = sorted(_below_raw(places, file))
    if there := [name for name in below if (places.raw / name).is_file()]:
        refused = ask(db, f"select name, reason from refused where name in ({marks(there)})", there)
        disclosure = "/".join(there[0].split("/")[:2])
        refused += ask(db, "select name, reason from refused where starts_with(name, ?)", [disclosure])
        if refused:
            return f"{file}: not in the release, since it was refused: {refused[0]['name']}: {refused[0]['reason']}"
        return f"{file}: no extract of the release; expected a file that a manifest names; `foi status` lists them"
    near = ask(
        db,
        "select name from (select file as name from extract union select extract_id from extract) "
        "order by jaro_winkler_similarity(name, ?) desc, name limit 3",
        [max([file, *below], key=len)],
    )
    hint = f"; near to it: {', '.join(row['name'] for row in near)}" if near else ""
    return f"{file}: found no such file or extract in the release{hint}; `foi status` lists them"
