"""The lines of an extract: as its file has them now, and as they were ingested.

What the file says is read back from the file, what was ingested from the store; the two are compared and both are
told, so that a file which was changed afterwards is seen, and what was counted as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from pipeline.intake.areas import address as cell_address
from pipeline.intake.areas import area_of
from pipeline.intake.delimited import QUOTE, split_record
from pipeline.intake.lines import raw_texts
from pipeline.lineage.trace.finding import marks
from pipeline.lineage.trace.members import Member
from pipeline.store.duck import ask, parquet
from pipeline.store.files import read_json
from pipeline.store.places import Places

Fields = tuple[str, ...]


@dataclass(frozen=True)
class ExtractLines:
    """The lines of one extract of a release. `extract` is its row of the table `extract`."""

    db: duckdb.DuckDBPyConnection
    places: Places
    extract: dict[str, Any]

    @property
    def file(self) -> Path:
        """The file in raw/ that the extract is of."""
        return self.places.raw / str(self.extract["file"])

    @cached_property
    def address(self) -> dict[str, Any] | None:
        """Which cells the extract is; None where it is lines of text."""
        said = self.extract["address"]
        return None if said is None else json.loads(said)

    @cached_property
    def account(self) -> dict[str, Any]:
        """The account of all lines that the reader left: set_aside, rejected, index and more."""
        found: dict[str, Any] = read_json(self.stored("account"))
        return found

    @cached_property
    def _files(self) -> dict[str, Path]:
        query = "select layer, path from store_file where name = ?"
        rows = ask(self.db, query, [self.extract["extract_id"]])
        return {row["layer"]: self.places.warehouse / str(row["path"]) for row in rows}

    def stored(self, layer: str) -> Path:
        """Return the store file of a layer of the extract."""
        return self._files[layer]

    def told(self, members: Iterable[Member]) -> Iterator[dict[str, Any]]:
        """Yield each record as a line of a trace: where it stands, its text now and as ingested.

        `text` is None where the file no longer has the line or cannot be read. What was ingested are fields: where they
        are those of `text`, that is `ingested_text` too.
        """
        records = list(members)
        now = self.as_it_stands([(m.line_no, m.lines) for m in records])
        ingested = self.ingested([m.record_no for m in records])
        for member in records:
            text, fields = now.get(member.line_no, (None, None))
            before = ingested[member.record_no]
            same = fields == before
            yield {
                "extract_id": self.extract["extract_id"],
                "file": self.extract["file"],
                "address": self.address,
                "place": self.place(member.line_no),
                "sha256": self.extract["sha256"],
                "record_no": member.record_no,
                "line_no": member.line_no,
                "lines": member.lines,
                "cells": [self._cell(member.line_no, cell) for cell in member.cells],
                "text": text,
                "ingested_text": text if same else self.as_line(before),
                "as_ingested": same,
            }

    def as_line(self, fields: Fields) -> str:
        """Return fields as one line: of delimited text with quotes where they are needed."""
        delimiter = str(self.extract["delimiter"])
        # what no reader could part is one field, and stands there as it was
        if self.address is not None or len(fields) == 1:
            return delimiter.join(fields)
        return delimiter.join(_quoted(field, delimiter) for field in fields)

    def as_it_stands(self, wanted: list[tuple[int, int]]) -> dict[int, tuple[str, Fields | None]]:
        """Return text and fields as the file has them now, by line or row; none where it cannot say.

        `wanted` are (first line, how many).
        """
        if self.address is not None:
            rows = self._cells_now[0]
            return {first: rows[first] for first, _ in wanted if first in rows}
        texts = raw_texts(self.file, str(self.extract["encoding"]), wanted, self.account["index"])
        return {line_no: (text, split_record(text, self.extract["delimiter"])) for line_no, text in texts.items()}

    def ingested(self, record_nos: list[int]) -> dict[int, Fields]:
        """Return the fields that were ingested, by record; a record that no reader could part has none."""
        if not record_nos:
            return {}
        source = parquet(self.stored("source"))
        query = (
            f"select record_no, columns('^f[0-9]+$') from {source} where record_no between ? and ? "
            f"and record_no in ({marks(record_nos)})"
        )
        found = ask(self.db, query, [min(record_nos), max(record_nos), *record_nos])
        return {row["record_no"]: tuple(v for name, v in row.items() if name[0] == "f") for row in found}

    def place(self, line_no: int) -> str | None:
        """Return where a row stands in a workbook or letter, in words; None where `line_no` says it all."""
        if self.address is None:
            return None
        if "sheet" in self.address:
            return f"{self.address['sheet']}!{line_no}"
        return self._cells_now[1]

    def cell_at(self, line_no: int, column: int) -> str | None:
        """Return the address of a cell of a sheet such as "C7"; `column` counts from the first of the extract."""
        if self.address is None or "sheet" not in self.address:
            return None
        cells = self.address.get("cells")
        return cell_address(line_no, column + (area_of(cells).left if cells else 1) - 1)

    def header_of(self, column: int) -> str | None:
        """Return what stands above a column; None where the extract has no header."""
        header = self.extract["header"]
        return str(header[column - 1]) if header and column <= len(header) else None

    def _cell(self, line_no: int, cell: dict[str, Any]) -> dict[str, Any]:
        column = cell["column"]
        return {**cell, "header": self.header_of(column), "cell": self.cell_at(line_no, column)}

    @cached_property
    def _cells_now(self) -> tuple[dict[int, tuple[str, Fields | None]], str | None]:
        """What a workbook or letter has at the address now, by row, and where a table of a letter stands in it."""
        # a reader of workbooks or letters takes a while to import: only for an extract that is one
        from pipeline.intake.cells import address_words, cell_rows
        from pipeline.intake.problem import Refused

        address, name = self.address or {}, str(self.extract["file"])
        try:
            if "letter_table" in address:
                from pipeline.intake.letter_tables import tables_in

                for table in tables_in(self.file, name):
                    if table.number == address["letter_table"]:
                        rows = {row.line_no: (row.text, row.fields) for row in table.rows}
                        return rows, f"{address_words(address)}, {table.address}"
                return {}, address_words(address)
            found = cell_rows(self.file, name, address)
            return {row.line_no: (row.text, row.fields) for row in found}, address_words(address)
        except Refused:
            return {}, address_words(address)


def _quoted(field: str, delimiter: str) -> str:
    if any(mark in field for mark in (delimiter, QUOTE, "\r", "\n")):
        return f"{QUOTE}{field.replace(QUOTE, QUOTE * 2)}{QUOTE}"
    return field
