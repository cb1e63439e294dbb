"""What is said of an audit pack: its files, the columns of its tables, the files that are not in it, the release.

The writer of packs fills these; this package puts them in the words of their standards.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["input", "result", "document"]
"""What a file was to the release: read by it, made by it, or neither (the recount, a read-me, the log)."""


@dataclass(frozen=True)
class Column:
    """One column of a table: its name, its type in the words of Data Package, what it is."""

    name: str
    type: str
    description: str = ""


@dataclass(frozen=True)
class Source:
    """Where a received file came from and what may be done with it, as its manifest says; None is not stated."""

    force: str
    reference: str
    received: str | None = None
    url: str | None = None
    holder: str | None = None
    licence: str | None = None
    statement_at: str | None = None


@dataclass(frozen=True)
class PackedFile:
    """One file of a pack: its path there with `/`, its digest and size, what it is in words.

    A table (JSON lines: the column names, then one array a row) has columns; a received file has a source. The digest
    is None of a file that is written after its description, as the list of checksums is.
    """

    path: str
    sha256: str | None
    size: int | None
    media_type: str
    words: str
    role: Role
    columns: tuple[Column, ...] = ()
    source: Source | None = None


@dataclass(frozen=True)
class WithheldFile:
    """A file that the release was made from and whose bytes are not in the pack: its path in raw/, its digest, and why.

    `words` says why the bytes are not here.
    """

    path: str
    sha256: str
    size: int | None
    words: str
    source: Source


@dataclass(frozen=True)
class ReleaseFacts:
    """The release that a pack is of, as the release log has it; `published_at` is ISO 8601 with a zone.

    `seconds` is how long the refresh took, `parameters` what it was told by name; None is not known.
    """

    number: int
    root: str
    published_at: str
    software_version: str
    code: str
    commit: str | None = None
    dirty: bool | None = None
    seconds: float | None = None
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Pack:
    """All that is said of one pack."""

    title: str
    release: ReleaseFacts
    files: tuple[PackedFile, ...]
    withheld: tuple[WithheldFile, ...] = ()

    def sources(self) -> list[Source]:
        """Return where the received files came from, each once, always in one order."""
        found = {f.source for f in self.files if f.source is not None} | {f.source for f in self.withheld}
        return sorted(found, key=repr)


def column_type(duckdb_type: str) -> str:
    """Return the Data Package type in which the canonical lines give a column of a DuckDB type.

    Raises KeyError at a type that has no canonical form.
    """
    if duckdb_type.endswith("[]"):
        return "array"
    return _TYPES[duckdb_type.partition("(")[0]]


_TYPES = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "number",
    "FLOAT": "number",
    "DECIMAL": "number",
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), "integer"),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), "integer"),
}
