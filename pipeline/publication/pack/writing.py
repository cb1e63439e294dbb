"""The audit pack: a release with all that is needed to count it again, as a folder. docs/audit-pack.md has the layout.

What may leave is decided in leaving.py, how an extract is described in described.py. zipped.py makes one file of it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from pipeline.figures import sql
from pipeline.figures.catalogue import as_json
from pipeline.intake.manifest import MANIFEST_NAME, Extract
from pipeline.intake.raw import read_raw
from pipeline.lineage import recount
from pipeline.normalisation.forces import force_names
from pipeline.publication.content import table_lines
from pipeline.publication.crate import descriptions
from pipeline.publication.crate.columns import columns_of, table_words
from pipeline.publication.crate.facts import Pack as PackFacts
from pipeline.publication.crate.facts import PackedFile, ReleaseFacts, Role, Source, WithheldFile
from pipeline.publication.described import describe, describe_disclosure
from pipeline.publication.pack.chosen import Chosen, chosen
from pipeline.publication.pack.codes import make_codes
from pipeline.publication.pack.leaving import shown, why_not, withhold
from pipeline.publication.second_count import rows_again
from pipeline.store.digests import sha256_file
from pipeline.store.duck import quoted_path
from pipeline.store.files import read_json
from pipeline.store.places import Places
from pipeline.store.reference import PACKAGED, read_instead
from pipeline.store.releases import ReleaseFile, log_lines

SUMS = "SHA256SUMS"
README = """This is an audit pack: release {number} of figures from FOI extracts, digest {digest}.

Count it again, with Python 3.9 or newer and nothing else:

    python3 -I recount.py .

The last line is OK, or how many differences were told above it. `sha256sum -c SHA256SUMS` checks the files alone.

{extent}

extracts/    files as they were received{bytes}
manifests/   what each answer says and how its extracts are read
tables/      the release: figures, labels with their codes, ledger, rejected lines, controls, checks. JSON lines: the
             column names, then one row a line, in the order of their bytes. The digest of a table is that of its file
observations/  codes that figures are counted from, of extracts whose bytes are not here
records/     rows of extracts that are sheets or tables of a letter
reference/   the tables by which labels become codes
catalogue.json, release.json, releases.jsonl: what is counted, what this release is, the log up to it
ro-crate-metadata.json, datapackage.json: the same for machines
"""


class CannotPack(Exception):
    """Raised where a release cannot be packed: what was found, expected, and what to do."""


@dataclass(frozen=True)
class Asked:
    """What is asked for: the figures, by id or by table (none = all), and whether the pack stays in the house."""

    figures: tuple[str, ...] = ()
    local: bool = False


@dataclass
class Packed:
    """A pack that was written: the extracts it has something of, those whose bytes are in it, and its files."""

    extracts: list[str] = field(default_factory=list)
    with_bytes: list[str] = field(default_factory=list)
    files: list[PackedFile] = field(default_factory=list)
    withheld: list[WithheldFile] = field(default_factory=list)


def write_pack(places: Places, release: ReleaseFile, folder: Path, asked: Asked) -> Packed:
    """Write the pack of a release into an empty folder.

    Raises CannotPack where the release is not in the log, raw/ or the reference tables are no longer those it was made
    from, or a figure asked for is none of its own.
    """
    with closing(duckdb.connect()) as db:
        db.execute(f"attach '{quoted_path(release.path)}' as r (read_only)")
        writer = _Writer(places, release, folder, asked, db)
        writer.write()
    return writer.packed


@dataclass
class _Writer:
    places: Places
    release: ReleaseFile
    folder: Path
    asked: Asked
    db: duckdb.DuckDBPyConnection
    packed: Packed = field(default_factory=Packed)

    def write(self) -> None:
        """Write every file, the list of checksums last."""
        self._hold_to_release()
        self.packed.extracts = [e.extract_id for e in self.extracts]
        for extract in self.extracts:
            self._extract(extract)
        self._manifests()
        tables = {name: self._table(name) for name in self.entry["tables"]}
        for name in sorted(self.entry["reference"]):
            self._put(f"reference/{name}", read_instead(PACKAGED / name), "reference table", "input")
        said = {
            "format": 1,
            "release": self.entry["number"],
            "digest": self.entry["digest"],
            "published_at": self.entry["at"],
            "local": self.asked.local,
            "selected": sorted(self.asked.figures),
            "head": self.log[-1].hash,
            "tables": tables,
        }
        self._put_json("release.json", said, "what this pack is of")
        self._put_json("catalogue.json", as_json(), "what is counted and derived, by what")
        log = b"".join(line.content + b"\n" for line in self.log)
        self._put("releases.jsonl", log, "the release log up to this release", "document")
        self._put("recount.py", Path(recount.__file__), "counts the pack again", "document")
        self._put("README.txt", self._readme().encode(), "how to read and check the pack", "document")
        for name, content in descriptions(self._facts()).items():
            self._put(name, content, "the pack for machines", "document")
        lines = (f"{f.sha256}  {f.path}\n" for f in sorted(self.packed.files, key=lambda f: f.path))
        self._put(SUMS, "".join(lines).encode(), "checksums", "document")

    @cached_property
    def log(self) -> list[Any]:
        """The lines of the log up to that of the release."""
        lines = log_lines(self.places)
        for at, line in enumerate(lines, start=1):
            said = line.entry or {}
            if said.get("event") == "release" and said.get("number") == self.release.number and "tables" in said:
                return lines[:at]
        raise CannotPack(
            f"{self.places.release_log.name}: found no line of release {self.release.number} with the digests of its "
            "tables; expected one; `foi verify` says what is wrong with the log, `foi refresh` makes a new release"
        )

    @property
    def entry(self) -> dict[str, Any]:
        """What the log says of the release."""
        said: dict[str, Any] = self.log[-1].entry
        return said

    @cached_property
    def raw(self) -> dict[str, Extract]:
        """The extracts that lie in raw/ now, by id."""
        return {e.extract_id: e for e in read_raw(self.places, force_names()).extracts}

    @cached_property
    def chosen(self) -> Chosen | None:
        """The figures that are packed with their parents, None where it is all of them."""
        if not self.asked.figures:
            return None
        found = chosen(self.db, self.asked.figures)
        if isinstance(found, str):
            raise CannotPack(found)
        return found

    @cached_property
    def extracts(self) -> list[Extract]:
        """The extracts that the packed figures need, in order of their ids."""
        query = "select extract_id, disclosure, table_id from r.extract order by extract_id"
        return [
            self.raw[extract_id]
            for extract_id, *table in self.db.execute(query).fetchall()
            if self.chosen is None or tuple(table) in self.chosen.tables
        ]

    @cached_property
    def hidden(self) -> frozenset[str]:
        """The ids of extracts whose bytes are not in the pack."""
        withheld = withhold(self.db, self.asked.local, selected=self.chosen is not None)
        return frozenset(e.extract_id for e in self.extracts) & withheld

    def _hold_to_release(self) -> None:
        """Raise CannotPack where raw/ or the reference tables are no longer those of the release."""
        for extract_id, sha256 in self.entry["extracts"].items():
            found = self.raw.get(extract_id)
            if found is None or not found.path.is_file() or sha256_file(found.path) != sha256:
                raise self._changed(f"the extract {extract_id}", "it is gone or has other bytes")
        for name, sha256 in self.entry["manifests"].items():
            path = self.places.raw / name / MANIFEST_NAME
            if not path.is_file() or sha256_file(path) != sha256:
                raise self._changed(self.places.shown(path), "it is gone or was edited")
        for name, sha256 in self.entry["reference"].items():
            if sha256_file(read_instead(PACKAGED / name)) != sha256:
                raise self._changed(f"the reference table {name}", "it was edited")

    def _changed(self, what: str, found: str) -> CannotPack:
        return CannotPack(
            f"{what}: {found}; expected it as release {self.release.number} was made from it; put it back, or "
            "`foi refresh` and pack the new release"
        )

    def _store(self, layer: str, name: str) -> Path:
        query = "select path from r.store_file where layer = ? and name = ?"
        found = self.db.execute(query, [layer, name]).fetchone()
        path = self.places.warehouse / (found[0] if found else f"store/{layer}/{name}")
        if not path.is_file():
            raise CannotPack(f"{self.places.relative(path)}: found no file; expected it; run `foi refresh`")
        return path

    def _extract(self, extract: Extract) -> None:
        """Write the bytes of an extract, or the codes that its figures are counted from."""
        name = f"{extract.disclosure.name}/{extract.entry.file}"
        source = _source(extract)
        if extract.extract_id in self.hidden:
            words = f"not here: {why_not(extract)}"
            withheld = WithheldFile(name, extract.sha256, extract.path.stat().st_size, words, source)
            if withheld not in self.packed.withheld:
                self.packed.withheld.append(withheld)
            sql.load_relations(
                self.db, [self._store("observations", extract.extract_id)], [self._store("buckets", extract.extract_id)]
            )
            make_codes(self.db, extract, selected=self.chosen is not None)
            self._put(_observations(extract), table_lines(self.db, "codes"), "codes", "result", "codes")
            return
        self.packed.with_bytes.append(extract.extract_id)
        if not any(f.path == f"extracts/{name}" for f in self.packed.files):
            self._put(f"extracts/{name}", extract.path, "extract as received", "input", source=source)
        if _has_records(extract):
            self._put(_records(extract), b"".join(self._rows(extract)), "rows of the extract", "result")

    def _rows(self, extract: Extract) -> Iterator[bytes]:
        """Yield the rows of an extract: line_no, lines, fields."""
        account = read_json(self._store("account", extract.extract_id))
        yield _line(["line_no", "lines", "fields"])
        yield from map(_line, rows_again(extract, self._store("source", extract.extract_id), account))

    def _manifests(self) -> None:
        by_disclosure: dict[str, list[Extract]] = {}
        for extract in self.extracts:
            by_disclosure.setdefault(extract.disclosure.name, []).append(extract)
        for name, extracts in by_disclosure.items():
            said = describe_disclosure(extracts[0].disclosure) | {"extracts": [self._described(e) for e in extracts]}
            self._put_json(f"manifests/{name}.json", said, "what the answer says, how its extracts are read")

    def _described(self, extract: Extract) -> dict[str, Any]:
        here = extract.extract_id not in self.hidden
        return describe(extract, read_json(self._store("account", extract.extract_id))) | {
            "in_pack": f"extracts/{extract.disclosure.name}/{extract.entry.file}" if here else None,
            "why_not": None if here else why_not(extract),
            "records": _records(extract) if here and _has_records(extract) else None,
            "observations": None if here else _observations(extract),
        }

    def _columns(self, relation: str) -> list[tuple[str, str]]:
        return [(row[0], row[1]) for row in self.db.execute(f"describe {relation}").fetchall()]

    def _table(self, name: str) -> dict[str, Any]:
        """Write what may leave of a table; return its digest in the release and what was left out of it."""
        columns = [column for column, _ in self._columns(f"r.{name}")]
        query, left_out = f"select * from r.{name}", None
        if not self.asked.local:
            query, left_out = shown(name, columns, selected=self.chosen is not None)
        if self.chosen is not None:
            query, left_out = self.chosen.of_table(name, columns, query), "only what the figures asked for need"
        self.db.execute(f"create or replace temp view {name} as {query}")
        path = f"tables/{name}.jsonl"
        self._put(path, table_lines(self.db, name), table_words(name), "result", name)
        self.db.execute(f"drop view {name}")
        digest = self.entry["tables"][name]
        whole = self.packed.files[-1].sha256 == digest
        if left_out is None and not whole:
            raise CannotPack(
                f"{self.release.path.name}: found other rows in table {name}; expected those that the log has the "
                "digest of; `foi verify` says more"
            )
        return {"digest": digest, "cut": None if whole else left_out}

    def _readme(self) -> str:
        extent = (
            "It has every figure of the release." if self.chosen is None else "It has the figures asked for only:\n"
        )
        extent += "".join(f"\n  {name}" for name in sorted(self.asked.figures))
        if self.hidden:
            extent += (
                f"\n\nThe bytes of {len(self.hidden)} of {len(self.extracts)} extracts may not leave: of those it "
            )
            extent += "has the digest, and codes that\nthe figures are counted from. manifests/ says which and why."
        if self.asked.local:
            extent += "\n\nIt was made with --local: it has records that must not leave the house."
        here = " (those that may leave)" if self.hidden else ""
        return README.format(number=self.entry["number"], digest=self.entry["digest"], extent=extent, bytes=here)

    def _facts(self) -> PackFacts:
        said = self.entry
        facts = ReleaseFacts(
            *(said["number"], said["digest"], said["at"], version("foi-figures"), said["code"]),
            *(said["commit"], said["dirty"], said["duration"]),
        )
        sums = PackedFile(SUMS, None, None, "text/plain", "SHA-256 of every file, for `sha256sum -c`", "document")
        files = (*sorted(self.packed.files, key=lambda f: f.path), sums)
        return PackFacts(f"Audit pack of release {said['number']}", facts, files, tuple(self.packed.withheld))

    def _put_json(self, path: str, value: Any, words: str) -> None:
        self._put(
            path, (json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n").encode(), words, "document"
        )

    def _put(
        self,
        path: str,
        content: Path | bytes | Iterable[bytes],
        words: str,
        role: Role,
        relation: str | None = None,
        source: Source | None = None,
    ) -> None:
        """Write one file and note it; `relation` names the view whose columns it has."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Path):
            shutil.copyfile(content, target)
        else:
            with target.open("wb") as file:
                file.writelines([content] if isinstance(content, bytes) else content)
        columns = columns_of(relation, self._columns(relation)) if relation else ()
        media = _MEDIA.get(target.suffix.lower(), "application/octet-stream")
        noted = PackedFile(path, sha256_file(target), target.stat().st_size, media, words, role, columns, source)
        self.packed.files.append(noted)


_MEDIA = {
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".html": "text/html",
    ".py": "text/x-python",
    ".pdf": "application/pdf",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def _observations(extract: Extract) -> str:
    return f"observations/{extract.extract_id.replace('#', '@')}.jsonl"


def _has_records(extract: Extract) -> bool:
    """Return True where recount.py cannot read an extract itself: it is no lines, or names stand in a text."""
    return not extract.entry.is_lines or extract.platforms_in_text


def _records(extract: Extract) -> str:
    return f"records/{extract.extract_id.replace('#', '@')}.jsonl"


def _line(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _source(extract: Extract) -> Source:
    disclosure = extract.disclosure
    rights, made = disclosure.rights, extract.terms.transcription
    return Source(
        disclosure.force,
        disclosure.reference or disclosure.name,
        str(disclosure.received) if disclosure.received else None,
        (made.from_url if made else None) or disclosure.source_url,
        rights.holder,
        None if rights.licence == "unstated" else rights.licence,
        rights.statement_at,
    )
