"""Accepting a label: what a new row of a reference table would do to the figures, and writing the row.

The effect is built, not guessed: all figures once with the tables as they are and once with the row, the second time in
a process of its own, since a process reads its tables once. Nothing is published and the warehouse stays as it is.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pipeline.figures.catalogue import TABLES
from pipeline.intake.manifest import Extract
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.raw import Raw, Refusal
from pipeline.intake.source import ensure_source
from pipeline.normalisation.ages import AGE_LABELS, age_labels, read_age
from pipeline.normalisation.labels import UNKNOWN_CSV, LabelRow, LabelTable, ReferenceTableError
from pipeline.normalisation.observations import Observations, ensure_observations, read_otherwise
from pipeline.normalisation.offences import OFFENCE_LABELS, offence_labels, offences, read_offence
from pipeline.normalisation.outcomes import OUTCOME_LABELS, outcome_labels, outcomes, read_outcome
from pipeline.normalisation.platforms import PLATFORM_LABELS, platform_labels, platforms, read_platform
from pipeline.normalisation.reading import INVALID, UNKNOWN, UNMAPPED, PlatformReading
from pipeline.normalisation.vocabulary import AnyReading
from pipeline.publication.build import Build
from pipeline.store import reference
from pipeline.store.duck import ask, memory, parquet
from pipeline.store.files import written
from pipeline.store.lock import refresh_lock
from pipeline.store.places import Places
from pipeline.validation.gate import Validated, ensure_validated

_AGE_CODE = re.compile(r"\d{1,3}(?:-\d{1,3}|\+)?")
_NOT_A_SOURCE = ("/", "~", "file:")


@dataclass(frozen=True)
class _Vocabulary:
    """The table of labels of one vocabulary, how a label is read by it, which codes there are, its own columns."""

    file: str
    table: Callable[[], LabelTable]
    read: Callable[[str, LabelTable], AnyReading]
    has: Callable[[str], bool]
    codes: str
    own: Mapping[str, str]


_ACCEPTING: dict[str, _Vocabulary] = {
    "platforms": _Vocabulary(
        PLATFORM_LABELS,
        platform_labels,
        read_platform,
        lambda code: set(code.split("|")) <= set(platforms()),
        "platforms.csv; several as a|b",
        {},
    ),
    "outcomes": _Vocabulary(
        OUTCOME_LABELS,
        outcome_labels,
        read_outcome,
        lambda code: code in outcomes() or code == UNKNOWN,
        "outcomes.csv",
        {"arrest": "unknown"},
    ),
    "offences": _Vocabulary(
        OFFENCE_LABELS,
        offence_labels,
        read_offence,
        lambda code: code in offences(),
        "ho_offences.csv and offence_supplement.csv",
        {"presumed_class": ""},
    ),
    "ages": _Vocabulary(
        AGE_LABELS,
        age_labels,
        read_age,
        lambda code: bool(_AGE_CODE.fullmatch(code)) or code in {UNKNOWN, INVALID},
        "years, as 12-15, 16+ or 17, and unknown, Invalid",
        {},
    ),
}

ACCEPTING = tuple(_ACCEPTING)
"""The vocabularies that have a table of labels. Periods have none: their true ends are facts of one manifest."""


@dataclass(frozen=True)
class Decision:
    """What a person decided of one label: its code, on what source, who and when. `more` are a table's own columns."""

    vocabulary: str
    label: str
    code: str
    source: str
    decided: str
    note: str
    more: Mapping[str, str]

    @property
    def file(self) -> str:
        """The name of the table it goes into."""
        return _ACCEPTING[self.vocabulary].file

    @property
    def row(self) -> LabelRow:
        """The row it becomes."""
        own = {name: self.more.get(name) or default for name, default in _ACCEPTING[self.vocabulary].own.items()}
        return LabelRow(self.label, self.code, self.source, self.decided, self.note, own)


@dataclass(frozen=True)
class Effect:
    """What a decision would change.

    `figures` are {figure_table, id, unit, before, after} of each figure that differs; before and after are
    {value, value_min, value_max, reason} or None where there is no such figure. `labels` are the labels of raw/ that
    are read otherwise: {extract_id, dimension, label, n, before, after}.
    """

    figures: tuple[dict[str, Any], ...]
    labels: tuple[dict[str, Any], ...]


def check(decision: Decision) -> None:
    """Raise Refused where a decision cannot become a row: what it must say, and what the tables say already."""
    vocabulary = _ACCEPTING[decision.vocabulary]
    for name in ("label", "code", "source", "decided"):
        if not getattr(decision, name).strip():
            raise _refused(decision, f"no {name}", f"a {name}", f"say it with the row: {name}")
    for name in ("label", "code", "source", "decided", "note"):
        if getattr(decision, name).splitlines() not in ([], [getattr(decision, name)]):
            raise _refused(decision, f"a line break in {name}", "one line", "write a blank instead: it reads the same")
    if decision.source.startswith(_NOT_A_SOURCE):
        raise _refused(decision, f"the source {decision.source!r}", "what others can open", "give an address or a name")
    if extra := sorted(name for name, value in decision.more.items() if value and name not in vocabulary.own):
        raise _refused(
            decision, f"{', '.join(extra)} for {decision.vocabulary}", "columns of the table", "leave it out"
        )
    for code in (decision.code, decision.more.get("presumed_class")):
        if code and code != UNMAPPED and not vocabulary.has(code):
            remedy = (
                "mend the code" if code != UNKNOWN else f"add it to {UNKNOWN_CSV} by hand: it is for every vocabulary"
            )
            raise _refused(decision, f"the code {code!r}", f"a code of {vocabulary.codes}", remedy)
    if decision.code == UNMAPPED and not decision.note:
        raise _refused(decision, "Unmapped without a note", "why it cannot be mapped", "say --note")
    table = vocabulary.table()
    now = vocabulary.read(decision.label, table)
    if now.status in {"mapped", "unknown"}:
        found = f"{decision.label!r}, which is {_code_of(now)} already ({now.rule})"
        raise _refused(decision, found, "a label without a code", "mend the row it has, if that is wrong")
    try:
        then = vocabulary.read(decision.label, table.with_row(decision.row))
    except ReferenceTableError as error:
        raise _refused(
            decision, str(error), "one code for one label", "mend the row it has, if that is wrong"
        ) from error
    if _code_of(then) != _written_code(decision) or then.status == "conflict":
        found = f"{decision.label!r}, which would be {_code_of(then)} ({then.rule})"
        raise _refused(decision, found, decision.code, "mend the label or the code")


def _refused(decision: Decision, found: str, expected: str, remedy: str) -> Refused:
    return Refused(Problem(decision.file, found, expected, remedy))


def _code_of(reading: AnyReading) -> str:
    if isinstance(reading, PlatformReading):
        return "|".join(reading.codes)
    return str(getattr(reading, "code", None) or _age_of(reading))


def _age_of(reading: Any) -> str:
    if reading.age_min is None:
        return str(reading.band)
    if reading.age_max is None:
        return f"{reading.age_min}+"
    return f"{reading.age_min}-{reading.age_max}" if reading.age_max > reading.age_min else str(reading.age_min)


def _written_code(decision: Decision) -> str:
    if decision.vocabulary == "platforms":
        return "|".join(dict.fromkeys(decision.code.split("|")))
    return decision.code


def with_line(text: str, decision: Decision) -> tuple[str, str]:
    """Return a table's text with the row of a decision in its place, and the line that was added.

    The other lines stay byte for byte; the new one has their quoting and line end. Raises Refused where the table is
    not in order, or has a row over several lines: then there is no place for one.
    """
    end = "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"
    lines = text.removesuffix(end).split(end)
    rows = list(csv.reader(lines, strict=True))
    if len(rows) != len(lines) or rows[1:] != sorted(rows[1:]):
        raise _refused(decision, "rows not in order, or over several lines", "one sorted line a row", "sort the table")
    row = decision.row
    values = {"label": row.label, "code": row.code, "source": row.source, "decided": row.decided, "note": row.note}
    fields = [{**row.more, **values}[column] for column in rows[0]]
    always = all(field.startswith('"') for field in lines[0].split(","))
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="", quoting=csv.QUOTE_ALL if always else csv.QUOTE_MINIMAL).writerow(fields)
    line = buffer.getvalue()
    lines.insert(bisect_left(rows, fields, lo=1), line)
    return end.join(lines) + end, line


def effect(places: Places, decision: Decision) -> Effect:
    """Return what a decision changes in the figures of what lies in raw/ now.

    What is built goes into a scratch warehouse; files of the real one are read and none is written there. Raises
    Refused where a label that has a code would get another one, or an extract would no longer be accepted.
    """
    with _scratch(decision) as (warehouse, tables):
        beside = Beside(places.raw, warehouse, places.warehouse)
        before = Build.of(beside)
        files = {name: file.path for name, file in before.all_figures().items()}
        kept = {v.extract.extract_id: (v, o) for v, o in zip(before.accepted, before.observations, strict=True)}
        with ProcessPoolExecutor(1, get_context("spawn"), initializer=_use, initargs=(str(tables),)) as process:
            after = process.submit(_built_anew, beside, before.raw, kept).result()
        if lost := sorted(after.refused - {r.name for r in before.refusals}):
            found = f"{', '.join(lost)}, which would be refused"
            raise _refused(decision, found, "extracts accepted as before", "take another code")
        for label in after.labels:
            if label["status_before"] in {"mapped", "unknown"} and label["before"] != label["after"]:
                found = f"{label['label']!r}, which is {label['before']} and would be {label['after']}"
                raise _refused(decision, found, "no other label changed", "write the label less like that one")
        differences = [row for name in TABLES for row in _differences(name, files[name], after.figures[name])]
    labels = [{k: v for k, v in label.items() if k != "status_before"} for label in after.labels]
    return Effect(tuple(differences), tuple(labels))


@dataclass(frozen=True)
class Beside(Places):
    """Places whose warehouse is a scratch one: what `live` has built is read from there, all else is built beside."""

    live: Path

    def store(self, layer: str, name: str, digest: str, suffix: str = ".parquet") -> Path:
        """Return where a store file is: in the live warehouse if it is there, else in the scratch one."""
        built = Places(self.raw, self.live).store(layer, name, digest, suffix)
        return built if built.exists() else super().store(layer, name, digest, suffix)


@contextmanager
def _scratch(decision: Decision) -> Iterator[tuple[Path, Path]]:
    """Yield a scratch warehouse and a folder of reference tables in which the decision is a row."""
    with tempfile.TemporaryDirectory(prefix="foi-labels-") as folder:
        warehouse, tables = Path(folder) / "warehouse", Path(folder) / "reference"
        own = reference.own_folder()
        if own is None:
            tables.mkdir()
        else:
            shutil.copytree(own, tables, ignore=lambda _, names: [n for n in names if not n.endswith(".csv")])
        changed, _ = with_line(_text(reference.table_path(decision.file)), decision)
        (tables / decision.file).write_text(changed, "utf-8", newline="")
        yield warehouse, tables


def _use(tables: str) -> None:
    """Make a fresh process read its reference tables from a folder."""
    os.environ[reference.VARIABLE] = tables


@dataclass(frozen=True)
class _After:
    figures: Mapping[str, Path]
    labels: tuple[dict[str, Any], ...]
    refused: frozenset[str]


@dataclass(frozen=True)
class _Rebuilt(Build):
    """A build that takes over what is the same: `kept` by extract id."""

    kept: Mapping[str, tuple[Validated, Observations]]

    @cached_property
    def validated(self) -> tuple[Validated | Refusal, ...]:
        """The verdict on each extract, taken over or reached anew."""
        return tuple(self._verdict(extract) for extract in self.raw.extracts)

    def _verdict(self, extract: Extract) -> Validated | Refusal:
        if extract.extract_id in self.kept:
            return self.kept[extract.extract_id][0]
        source = ensure_source(self.places, extract)
        return source if isinstance(source, Refusal) else ensure_validated(self.places, source)

    @cached_property
    def observations(self) -> tuple[Observations, ...]:
        """The observations of each accepted extract, taken over or made anew."""
        return tuple(
            self.kept[v.extract.extract_id][1]
            if v.extract.extract_id in self.kept
            else ensure_observations(self.places, v.source, v.accepted, v.cells)
            for v in self.accepted
        )


def _built_anew(places: Beside, raw: Raw, built: Mapping[str, tuple[Validated, Observations]]) -> _After:
    changed = {name: read_otherwise(observations) for name, (_, observations) in built.items()}
    kept = {name: pair for name, pair in built.items() if not changed[name]}
    build = _Rebuilt(places, raw, kept)
    figures = {name: file.path for name, file in build.all_figures().items()}
    labels = sorted((row for rows in changed.values() for row in rows), key=lambda r: (-r["n"], r["extract_id"]))
    return _After(figures, tuple(labels), frozenset(r.name for r in build.refusals))


_COMPARED = ("value", "value_min", "value_max", "reason")


def _differences(table: str, before: Path, after: Path) -> list[dict[str, Any]]:
    """Return the figures of a table that are not the same in two files of it, in order of id."""
    columns = ", ".join(f"{c}::double as {c}" if c != "reason" else c for c in _COMPARED)
    differ = " or ".join(f"b.{c} is distinct from a.{c}" for c in _COMPARED)
    shown = ", ".join(f"{side}.{c} as {side}_{c}" for side in "ba" for c in _COMPARED)
    query = (
        f"with b as (select id, unit, {columns} from {parquet(before)}), "
        f"a as (select id, unit, {columns} from {parquet(after)}) "
        f"select coalesce(b.id, a.id) as id, coalesce(b.unit, a.unit) as unit, b.id is not null as had, "
        f"a.id is not null as has, {shown} from b full join a using (id) "
        f"where b.id is null or a.id is null or {differ} order by 1"
    )
    with memory() as db:
        rows = ask(db, query)
    return [
        {
            "figure_table": table,
            "id": row["id"],
            "unit": row["unit"],
            "before": {c: row[f"b_{c}"] for c in _COMPARED} if row["had"] else None,
            "after": {c: row[f"a_{c}"] for c in _COMPARED} if row["has"] else None,
        }
        for row in rows
    ]


def write(places: Places, decision: Decision) -> tuple[Path, str]:
    """Write the row of a decision into its table and return the file and the line.

    No refresh of this warehouse may be at work meanwhile (Busy): it would build by half-changed tables. Raises Refused
    where the file cannot be written.
    """
    with refresh_lock(places.lock):
        source, target = reference.table_path(decision.file), reference.path_to_write(decision.file)
        changed, line = with_line(_text(source), decision)
        try:
            with written(target, mode=source.stat().st_mode & 0o777) as temporary:
                temporary.write_text(changed, "utf-8", newline="")
        except OSError as error:
            found = f"{target}, which cannot be written ({error.strerror})"
            remedy = f"name a folder of your own in {reference.VARIABLE}"
            raise _refused(decision, found, "a file to write to", remedy) from error
    return target, line


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


def vocabulary_of(code: str) -> str:
    """Return the one vocabulary that has a code; raises Refused where none has it, or several."""
    having = [name for name, vocabulary in _ACCEPTING.items() if vocabulary.has(code)]
    if len(having) != 1:
        found = f"the code {code!r} in {', '.join(having) or 'no vocabulary'}"
        raise Refused(Problem("CODE", found, f"a code of one of {', '.join(ACCEPTING)}", "say --vocabulary"))
    return having[0]


def report(decision: Decision, found: Effect) -> dict[str, Any]:
    """Return {vocabulary, label, code, file, line, labels, figures, written} of a decision not written yet."""
    _, line = with_line(_text(reference.table_path(decision.file)), decision)
    return {
        "vocabulary": decision.vocabulary,
        "label": decision.label,
        "code": decision.code,
        "file": str(reference.path_to_write(decision.file)),
        "line": line,
        "labels": list(found.labels),
        "figures": list(found.figures),
        "written": False,
    }
