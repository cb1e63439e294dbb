"""The canonical form of a release: every table as lines of JSON, and the digests of those lines.

docs/digests.md says the same in words, so that somebody can write it anew from that page. How the lines are made here
(column by column, each distinct value once) is for speed and is no part of the form.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.store.digests import digest_of
from pipeline.store.duck import opened, rows
from pipeline.store.intact import damaged, gone, listed_by
from pipeline.store.places import Places
from pipeline.store.release_log import Finding
from pipeline.store.releases import LogLine, ReleaseFile, log_lines, release_files

UNDIGESTED = frozenset({"release_info", "store_file"})
"""Tables that say how and when a release was built; its digest is of what it says."""

IN_MEMORY = 200_000
"""Rows of a table that are put in order in memory; of a longer one, as many at a time."""

_NULL = "null"

_SCALAR = (
    pa.types.is_string,
    pa.types.is_integer,
    pa.types.is_decimal,
    pa.types.is_floating,
    pa.types.is_boolean,
    pa.types.is_date,
    pa.types.is_null,
)
"""The kinds of values that have a canonical form, as docs/digests.md lists them; lists of these have one too."""


class NoCanonicalForm(TypeError):
    """Raised at a column whose type has no canonical form; a release has none of those."""


@dataclass(frozen=True)
class Content:
    """What a release says, as digests: `root` over all its tables, and `tables` by name."""

    root: str
    tables: dict[str, str]


def content_of(db: duckdb.DuckDBPyConnection) -> Content:
    """Return the digests of the tables of an open release, computed from their rows, and the root over them."""
    query = "select table_name from duckdb_tables() where database_name = current_database() order by table_name"
    names = [str(row[0]) for row in db.execute(query).fetchall()]
    tables = {name: table_digest(db, name) for name in names if name not in UNDIGESTED}
    return Content(root_digest(tables), tables)


def content_of_file(path: Path) -> Content:
    """Return the digests of a release file, recomputed from what it contains."""
    with opened(path) as db:
        return content_of(db)


def root_digest(tables: dict[str, str]) -> str:
    """Return the digest of a release, of the digests of its tables."""
    return digest_of(tables)


def table_digest(db: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return the SHA-256 of a table's canonical lines as 64 hexadecimal digits."""
    sha = hashlib.sha256()
    for line in table_lines(db, name):
        sha.update(line)
    return sha.hexdigest()


def table_lines(db: duckdb.DuckDBPyConnection, name: str) -> Iterator[bytes]:
    """Yield the canonical lines of a table or view: its column names, then its rows in the order of their bytes.

    Raises NoCanonicalForm at a column that is neither text, number, truth value or date nor a list of those, and
    ValueError at a number that is not finite.
    """
    quoted = '"' + name.replace('"', '""') + '"'
    reader = db.sql(f"from {quoted}").to_arrow_reader(IN_MEMORY)
    yield (_json(reader.schema.names) + "\n").encode()
    with ExitStack() as stack:
        earlier: list[IO[bytes]] = []
        lines: list[bytes] = []
        for batch in reader:
            if lines:
                earlier.append(_in_a_file(lines, stack.enter_context(TemporaryFile())))
            lines = sorted(_lines(name, batch))
        yield from heapq.merge(*earlier, lines)


def _in_a_file(lines: list[bytes], file: IO[bytes]) -> IO[bytes]:
    file.writelines(lines)
    file.seek(0)
    return file


def _lines(table: str, batch: pa.RecordBatch) -> list[bytes]:
    """Return the line of each row: the texts of its columns, joined."""
    columns = []
    for column, values in zip(batch.schema.names, batch.columns, strict=True):
        try:
            columns.append(_texts(values))
        except NoCanonicalForm as error:
            raise NoCanonicalForm(f"{table}.{column}: {error} has no canonical form; see docs/digests.md") from None
        except ValueError as error:
            raise ValueError(f"{table}.{column}: a number that is not finite has no canonical form") from error
    joined = pc.binary_join_element_wise(*columns, ",")
    lines: list[bytes] = pc.binary_join_element_wise("[", joined, "]\n", "").cast(pa.binary()).to_pylist()
    return lines


def _texts(values: pa.Array) -> pa.Array:
    """Return the JSON text of each value of a column; each distinct value is put into text once."""
    if pa.types.is_list(values.type):
        return _list_texts(values)
    if not any(is_kind(values.type) for is_kind in _SCALAR):
        raise NoCanonicalForm(str(values.type))
    if pa.types.is_floating(values.type):  # equal numbers may have two texts: 0.0 and -0.0
        return pa.array(_scalars(values))
    encoded = values.dictionary_encode()
    return pa.array(_scalars(encoded.dictionary), pa.string()).take(encoded.indices).fill_null(_NULL)


def _list_texts(values: pa.ListArray) -> pa.Array:
    lists = pa.ListArray.from_arrays(_offsets(values), _texts(values.flatten()))
    joined = pc.binary_join_element_wise("[", pc.binary_join(lists, ","), "]", "")
    return pc.if_else(values.is_null(), _NULL, joined)


def _offsets(values: pa.ListArray) -> pa.Array:
    """Return where each list begins in the elements of all; a list that is null has none."""
    lengths = pc.list_value_length(values).fill_null(0)
    return pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])


def _scalars(values: pa.Array) -> list[str]:
    """Return the JSON text of each value: one call for all of them, since no JSON text has a line end in it."""
    found: list[Any] = values.to_pylist()
    if pa.types.is_decimal(values.type):
        return [_NULL if v is None else _plain(v) for v in found]
    if pa.types.is_date(values.type):
        found = [None if v is None else v.isoformat() for v in found]
    return json.dumps(found, ensure_ascii=False, separators=("\n", ":"), allow_nan=False)[1:-1].split("\n")


def _plain(value: Decimal) -> str:
    """Return a decimal with the digits of its column, never with an exponent."""
    return format(value, "f")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def verify_releases(places: Places, numbers: Collection[int] | None = None) -> list[Finding]:
    """Return where kept releases (or those of some numbers) contain other than their name and their log line say.

    Each table that differs is named. A release whose log line has no digests of tables is from before this form of them
    and is not compared; one that has no line is found by `verify_log`.
    """
    logged = {
        line.entry.get("number"): line
        for line in log_lines(places)
        if line.entry and line.entry.get("event") == "release"
    }
    found: list[Finding] = []
    for release in release_files(places):
        line = logged.get(release.number)
        if (numbers is None or release.number in numbers) and line is not None and "tables" in (line.entry or {}):
            found += _differences(release, line)
    return found


def _differences(release: ReleaseFile, line: LogLine) -> Iterator[Finding]:
    entry = line.entry or {}
    name = release.path.name
    try:
        with opened(release.path) as db:
            content = content_of(db)
            store = table_digest(db, "store_file")
            info = rows(db.execute("from release_info"))[0]
            said, basis = json.loads(info["log"]), json.loads(info.get("basis") or "{}")
    except (duckdb.Error, ValueError, LookupError) as error:
        yield Finding(name, None, f"a file that cannot be read ({str(error).splitlines()[0]})", "a release", _REPLACE)
        return
    tables = dict(entry["tables"])
    for table in sorted(content.tables.keys() | tables.keys()):
        if content.tables.get(table) != tables.get(table):
            wanted = f"the digest that line {line.number} of the log has"
            yield Finding(name, None, f"other content in table {table}", wanted, _REPLACE)
    if store != entry["store"]:
        wanted = f"the digest that line {line.number} of the log has"
        yield Finding(name, None, "other content in table store_file", wanted, _REPLACE)
    if content.root != entry["digest"] or content.root[:12] != release.digest:
        digests = f"{release.digest} in its name and {str(entry['digest'])[:12]} in line {line.number} of the log"
        yield Finding(name, None, f"content of digest {content.root[:12]}", digests, _REPLACE)
    for what in _other_basis(entry, basis):
        wanted = f"the digest that line {line.number} of the log has"
        yield Finding(name, None, f"another {what} in release_info", wanted, _REPLACE)
    if edited := sorted(k for k in said if said[k] != entry.get(k)):
        found = f"another {', '.join(edited)} than {name} says in release_info"
        yield Finding("releases.jsonl", line.number, found, "what was written when it was published")


def _other_basis(entry: Mapping[str, Any], basis: Mapping[str, Any]) -> list[str]:
    """Return which of the manifests and reference tables that a release keeps are not what its log line says."""
    manifests, reference = basis.get("manifests", {}), basis.get("reference", {})
    described = entry.get("described", {})
    other = [
        f"manifest of {name}"
        for name in sorted(described.keys() | manifests.keys())
        if name not in manifests or digest_of(manifests[name]) != described.get(name)
    ]
    tables = ((name, hashlib.sha256(text.encode()).hexdigest()) for name, text in sorted(reference.items()))
    return other + [f"text of {name}" for name, sha256 in tables if sha256 != entry["reference"].get(name)]


def verify_store(places: Places, release: ReleaseFile) -> list[Finding]:
    """Return which of the store files that a release lists are gone or have other bytes than when it was published."""
    listed = listed_by(release)
    return [*gone(places, listed), *damaged(places, listed)]


_REPLACE = "put the file back from a copy, or `foi rollback` to a release that holds"
