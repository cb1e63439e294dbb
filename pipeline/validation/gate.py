"""The gate: which records of an extract are accepted, which are rejected or listed, and what each cell is.

The value rules are Pandera's, from schemas/. Element-wise rules need only the distinct values of a column; which
records have a value that breaks one, the dictionary-encoded column says.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.intake.manifest import DIMENSIONS, TOTAL_WORDS, Extract
from pipeline.intake.problem import Problem
from pipeline.intake.raw import Refusal
from pipeline.intake.screen import WHOLE_LINE, FoundValue, screen_values
from pipeline.intake.source import Source
from pipeline.normalisation import vocabulary
from pipeline.normalisation.counts import CellReading, read_cell
from pipeline.normalisation.reading import PeriodReading
from pipeline.store.digests import code_digest, digest_of
from pipeline.store.files import read_json, write_json
from pipeline.store.places import Places
from pipeline.store.tables import Mask, chosen, joined, numbers, same, table_file, values_in, where
from schemas.rules import BY_NAME, RECORD, Rule

CODE = ("pipeline/validation/gate.py", "pipeline/normalisation", "pipeline/store", "schemas")

ACCEPTED_COLUMNS = {"extract_id": "varchar", "record_no": "bigint", "lines": "integer", "kind": "varchar"}
REJECTED_COLUMNS = {
    "extract_id": "varchar",
    **dict.fromkeys(("record_no", "line_no"), "bigint"),
    "lines": "integer",
    **dict.fromkeys(("rule", "column_name", "value", "expected"), "varchar"),
    "fields": "varchar[]",
}
FLAGGED_COLUMNS = {
    "extract_id": "varchar",
    **dict.fromkeys(("record_no", "line_no"), "bigint"),
    **dict.fromkeys(("rule", "column_name", "value"), "varchar"),
}
CELL_COLUMNS = {
    "extract_id": "varchar",
    **dict.fromkeys(("record_no", "line_no"), "bigint"),
    **dict.fromkeys(("lines", "source_column", "part_no"), "integer"),
    **dict.fromkeys(("cell_class", "rule", "printed"), "varchar"),
    **dict.fromkeys(("count_min", "count_max"), "bigint"),
}


@dataclass(frozen=True)
class Validated:
    """What the gate says of one extract, as store files beside each other.

    All have the extract_id. `accepted` (record_no, lines, kind: data or total): the numbers, not a copy. `rejected`:
    record_no, line_no, lines, rule, column_name, value, expected, fields. `flagged`: record_no, line_no, rule,
    column_name, value: records that were kept. `cells`: for counts, each part of each cell of the accepted records:
    its class (data, total, unknown, label, ignored), the rule that decided, and its interval. `report`: how many of
    each.
    """

    source: Source
    accepted: Path
    rejected: Path
    flagged: Path
    cells: Path
    report: dict[str, Any]

    @property
    def digest(self) -> str:
        """The digest of everything these files were built from."""
        return self.accepted.stem

    @property
    def extract(self) -> Extract:
        """The extract."""
        return self.source.extract


def ensure_validated(places: Places, source: Source) -> Validated | Refusal:
    """Return the verdict on an extract, reaching it only if that was not done before.

    A label of the manifest that cannot be read, and in a counts layout a cell that cannot be read, refuses the
    extract as a whole.
    """
    extract = source.extract
    digest = digest_of({"source": source.digest, "code": code_digest(*CODE)})
    paths = {
        layer: places.store(layer, extract.extract_id, digest)
        for layer in ("validated", "rejected", "flagged", "cells")
    }
    report_path = paths["validated"].with_suffix(".json")
    done = report_path.exists() and all(p.exists() for p in paths.values())
    if not done:
        if personal := list(_personal(places, source)):
            return Refusal(extract.extract_id, tuple(personal))
        seen = _see(places, source)
        problems = _declared_label_problems(places, source) + seen.problems
        if problems:
            return Refusal(extract.extract_id, tuple(problems))
        write_json(report_path, _write(source, seen.cells, _broken(source, seen), paths))
    return Validated(
        source=source,
        accepted=paths["validated"],
        rejected=paths["rejected"],
        flagged=paths["flagged"],
        cells=paths["cells"],
        report=read_json(report_path),
    )


HELD = 20
"""Places of personal data that are told; the rest of the extract is not read."""


def _personal(places: Places, source: Source) -> Iterator[Problem]:
    """Yield the first places of personal data that no person has cleared: with one the extract is held.

    The values themselves are masked. Each column is looked at by its distinct values, ignored ones too, and so is what
    is no record.
    """
    cleared = {c.kind for c in source.extract.terms.cleared or ()}
    found = ((line, hit) for line, hit in _personal_places(source) if hit.kind not in cleared)
    for line, hit in islice(found, HELD):
        yield Problem(
            file=places.shown(source.extract.path),
            line=line,
            column=hit.column,
            found=f"what looks like personal data ({hit.kind.replace('_', ' ')}: {hit.shown})",
            expected="no data by which a person is known",
            remedy="ask the force for an extract without it; if it is none, say so in the manifest under cleared: with "
            f"kind {hit.kind}, by, on and why",
        )


def _personal_places(source: Source) -> Iterator[tuple[int, FoundValue]]:
    for part in (source.account["set_aside"], source.account["rejected"]):
        for hit in screen_values(WHOLE_LINE, 1, [item["text"] for item in part]):
            yield part[hit.index]["line_no"], hit
    for batch in source.batches():
        lines = batch.column("line_no").to_numpy()
        for position in range(1, source.account["width"] + 1):
            column = batch.column(f"f{position}")
            for hit in screen_values(source.header_of(position), position, column.dictionary.to_pylist()):
                if len(rows := np.flatnonzero(numbers(column) == hit.index)):
                    yield int(lines[rows[0]]), hit


def _declared_label_problems(places: Places, source: Source) -> list[Problem]:
    """Return a problem for each period that the manifest or the header states and that cannot be read."""
    extract = source.extract
    labels: dict[str, int | None] = {}
    if (constant := (extract.terms.constants or {}).get("period")) is not None:
        labels[constant.value] = None
    if extract.terms.wide and extract.terms.wide.dimension == "period":
        labels |= {c["label"]: c["at"] for c in source.account["wide"]}
    return [
        Problem(
            file=places.shown(extract.path),
            line=None if position is None else source.account["header_at"],
            column=None if position is None else str(position),
            found=f"the period {label!r}",
            expected="a period that can be read" + _basis_words(extract),
            remedy="give its first and last day in the manifest",
        )
        for label, position in labels.items()
        if vocabulary.period(label, extract).start is None
    ]


def _basis_words(extract: Extract) -> str:
    covers = extract.terms.covers
    return f" under the basis {covers.basis}" if covers else " (the manifest states no covers: basis)"


@dataclass
class _Seen:
    """What a first look at all records gives: the labels and references of those that are no totals, and the cells.

    `rows`: of counts, the labels of each row together. `cells` has one list for each piece of the source. `problems`:
    what refuses the extract.
    """

    labels: dict[str, set[str]]
    references: list[str] = field(default_factory=list)
    rows: list[str] = field(default_factory=list)
    cells: list[list[tuple[Any, ...]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def _see(places: Places, source: Source) -> _Seen:
    positions = source.account["columns"]
    seen = _Seen({name: set() for name in positions if name in DIMENSIONS})
    for batch in source.batches():
        totals = _totals(source, batch)
        for name, labels in seen.labels.items():
            labels |= set(values_in(batch.column(f"f{positions[name]}"), ~totals))
        if "reference" in positions:
            references = batch.column(f"f{positions['reference']}").to_pylist()
            seen.references += [reference for reference in references if reference.strip()]
        if source.extract.terms.layout == "counts":
            seen.problems += _undeclared_totals(places, source, batch, totals)
            seen.rows += _row_labels(source, batch).filter(pa.array(~totals)).to_pylist()
            seen.cells.append(_cells(places, source, batch, totals, seen.problems))
        else:
            seen.cells.append([])
    return seen


def _count_positions(source: Source) -> list[int]:
    """Return where the counts of a table stand, its total columns apart."""
    columns = source.account["columns"]
    return [*([columns["count"]] if "count" in columns else []), *(column["at"] for column in source.account["wide"])]


def _row_labels(source: Source, batch: pa.RecordBatch) -> pa.DictionaryArray:
    """Return, for each row of counts, the texts of all its cells that are no counts."""
    counts = {*_count_positions(source), *source.account["total_columns"]}
    labels = [batch.column(f"f{at}") for at in range(1, source.account["width"] + 1) if at not in counts]
    return joined(labels or [same("", "varchar", len(batch))], " | ").dictionary_encode()


def _label_positions(source: Source) -> list[int]:
    return [at for name, at in source.account["columns"].items() if name not in {"count", "reference"}]


def _totals(source: Source, batch: pa.RecordBatch) -> Mask:
    """Return which records are totals: those with a label that the manifest declares to be one."""
    words = {text for text, marker in (source.extract.terms.markers or {}).items() if marker.kind == "total"}
    return _labelled(source, batch, lambda label: label.strip() in words)


def _labelled(source: Source, batch: pa.RecordBatch, holds: Callable[[str], bool]) -> Mask:
    found = np.zeros(len(batch), bool)
    for at in _label_positions(source):
        found |= where(batch.column(f"f{at}"), holds)
    return found


def _undeclared_totals(places: Places, source: Source, batch: pa.RecordBatch, totals: Mask) -> list[Problem]:
    """Return a problem for each row that calls itself a total without being declared one: counted, it would double."""
    called = _labelled(source, batch, lambda label: label.strip().lower() in TOTAL_WORDS)
    return [
        Problem(
            file=places.shown(source.extract.path),
            line=line_no,
            found="a row that is called a total, which the manifest does not declare",
            expected="every total row declared, so that it is compared and not counted",
            remedy="say under markers: its label with kind: total",
        )
        for line_no in batch.column("line_no").filter(pa.array(called & ~totals)).to_pylist()
    ]


def _cells(
    places: Places, source: Source, batch: pa.RecordBatch, totals: Mask, problems: list[Problem]
) -> list[tuple[Any, ...]]:
    """Return the cells of records of counts as rows of CELL_COLUMNS; add a problem for each that cannot be read."""
    terms, account = source.extract.terms, source.account
    labels, total_columns = _label_positions(source), account["total_columns"]
    counts = _count_positions(source)
    cells: list[tuple[Any, ...]] = []
    for (record_no, line_no, lines, *fields), in_total_row in zip(_rows(batch), totals, strict=True):
        for position, printed in enumerate(fields, start=1):
            place = (source.extract.extract_id, record_no, line_no, lines, position)
            if position not in counts and position not in total_columns:
                kind = "label" if position in labels else "ignored"
                cells.append((*place, 1, kind, kind, printed, None, None))
                continue
            reading = read_cell(printed, terms.markers or {}, terms.blank)
            if reading is None:
                problems.append(_unreadable_cell(places, source, line_no, position, printed))
                continue
            is_total = in_total_row or position in total_columns
            cells += [(*place, *row) for row in _cell_rows(reading, printed, is_total)]
    return cells


def _rows(batch: pa.RecordBatch) -> Iterator[tuple[Any, ...]]:
    """Yield records as tuples: record_no, line_no, lines and the fields."""
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _cell_rows(reading: CellReading, printed: str, is_total: bool) -> list[tuple[Any, ...]]:
    if not reading.counts:
        return [(1, "total" if is_total else "unknown", reading.rule, printed, None, None)]
    kind = "total" if is_total else "data"
    return [
        (part, kind, reading.rule, printed, count.low, count.high) for part, count in enumerate(reading.counts, start=1)
    ]


def _unreadable_cell(places: Places, source: Source, line_no: int, position: int, printed: str) -> Problem:
    return Problem(
        file=places.shown(source.extract.path),
        line=line_no,
        column=source.header_of(position),
        found=repr(printed),
        expected="a count in digits, an empty cell, or a text declared under markers:",
        remedy="declare in markers: what this text means",
    )


def _broken(source: Source, seen: _Seen) -> dict[str, set[str]]:
    """Return, for each rule of schemas/ that is broken, the values that break it."""
    from schemas.source_record import columns_with_rules, failing_values, unique

    broken: dict[str, set[str]] = {}
    labels = {name: sorted(values) for name, values in seen.labels.items()}
    for name, columns in columns_with_rules(_readable(labels, source.extract)).items():
        for rule, column in columns.items():
            broken[rule] = failing_values(column, labels[name])
    if seen.references:
        broken["reference_repeated"] = failing_values(unique(BY_NAME["reference_repeated"]), seen.references)
    if seen.rows:
        broken["labels_repeated"] = failing_values(unique(BY_NAME["labels_repeated"]), seen.rows)
    return {rule: values for rule, values in broken.items() if values}


def _readable(labels: Mapping[str, Sequence[str]], extract: Extract) -> dict[str, frozenset[str]]:
    """Return, for each rule, the values that keep it."""
    covers = extract.terms.covers
    readable = {}
    for dimension, values in labels.items():
        readings = vocabulary.read(dimension, values, extract)
        good = {label for label, reading in readings.items() if vocabulary.is_read(reading)}
        if dimension == "period":
            good = {label for label in good if _period(readings[label]).start is not None}
            if covers is not None:
                readable["period_covered"] = frozenset(
                    label
                    for label in values
                    if (read := _period(readings[label])).start is None
                    or read.end is None
                    or (read.start < covers.end_exclusive and read.end > covers.start)
                )
        readable[dimension] = frozenset(good)
    return readable


def _period(reading: vocabulary.AnyReading) -> PeriodReading:
    if not isinstance(reading, PeriodReading):
        raise TypeError(f"{reading!r} is no period")
    return reading


def _write(
    source: Source, cells: Iterable[list[tuple[Any, ...]]], broken: Mapping[str, set[str]], paths: Mapping[str, Path]
) -> dict[str, int]:
    """Write the four files, a row group for each piece of the source; return how many rows each has."""
    extract_id = source.extract.extract_id
    unread = deque(
        (extract_id, r["record_no"], r["line_no"], r["lines"], r["rule"], None, r["found"], r["expected"], r["values"])
        for r in source.account["rejected"]
    )
    total_rows = 0
    with (
        table_file(paths["validated"], ACCEPTED_COLUMNS) as accepted_file,
        table_file(paths["rejected"], REJECTED_COLUMNS) as rejected_file,
        table_file(paths["flagged"], FLAGGED_COLUMNS) as flagged_file,
        table_file(paths["cells"], CELL_COLUMNS) as cells_file,
    ):
        for batch, batch_cells in zip(source.batches(), cells, strict=True):
            totals = _totals(source, batch)
            rejected, kept = _rejected(source, batch, totals, broken)
            record_nos = batch.column("record_no").to_numpy()
            while unread and len(batch) and unread[0][1] < record_nos[-1]:
                rejected.append(unread.popleft())
            accepted_file.write(
                {
                    "extract_id": same(extract_id, "varchar", int(kept.sum())),
                    "record_no": record_nos[kept],
                    "lines": batch.column("lines").filter(pa.array(kept)),
                    "kind": chosen(("data", "total"), "varchar", pa.array(totals[kept].astype(np.int32))),
                }
            )
            rejected_file.write_rows(sorted(rejected, key=lambda row: row[1]))
            flagged_file.write(_flagged(source, batch, kept & ~totals, broken))
            kept_numbers = set(record_nos[kept].tolist()) if batch_cells else ()
            cells_file.write_rows([cell for cell in batch_cells if cell[1] in kept_numbers])
            total_rows += int(totals.sum())
        rejected_file.write_rows(list(unread))
        return {
            "validated": accepted_file.rows,
            "rejected": rejected_file.rows,
            "flagged": flagged_file.rows,
            "cells": cells_file.rows,
            "total": total_rows,
        }


def _breaking(
    source: Source, batch: pa.RecordBatch, broken: Mapping[str, set[str]], rejects: bool
) -> Iterator[tuple[Rule, pa.DictionaryArray, Mask]]:
    """Yield each broken rule that rejects, or does not, with its column and the records whose value breaks it."""
    for name in sorted(broken):
        rule = BY_NAME[name]
        if rule.rejects == rejects:
            whole = rule.column == RECORD
            column = _row_labels(source, batch) if whole else batch.column(f"f{source.account['columns'][rule.column]}")
            yield rule, column, where(column, broken[name].__contains__)


def _rejected(
    source: Source, batch: pa.RecordBatch, totals: Mask, broken: Mapping[str, set[str]]
) -> tuple[list[tuple[Any, ...]], Mask]:
    """Return the rejected records as rows of REJECTED_COLUMNS, and which records are kept."""
    kept = np.ones(len(batch), bool)
    rows: list[tuple[Any, ...]] = []
    for rule, column, breaks in _breaking(source, batch, broken, rejects=True):
        breaks &= ~totals
        values = column.filter(pa.array(breaks)).to_pylist()
        for (record_no, line_no, lines, *fields), value in zip(
            _rows(batch.filter(pa.array(breaks))), values, strict=True
        ):
            place = (source.extract.extract_id, record_no, line_no, lines)
            rows.append((*place, rule.name, rule.column, value, rule.expected, fields))
        kept &= ~breaks
    return rows, kept


def _flagged(source: Source, batch: pa.RecordBatch, data: Mask, broken: Mapping[str, set[str]]) -> dict[str, Any]:
    """Return the kept records that break a rule, as FLAGGED_COLUMNS, in order of record and rule."""
    found = []
    for rule, column, breaks in _breaking(source, batch, broken, rejects=False):
        rows = pa.array(breaks & data)
        values = column.filter(rows).dictionary_decode()
        found.append(
            pa.table(
                {
                    "extract_id": pa.repeat(source.extract.extract_id, len(values)),
                    "record_no": batch.column("record_no").filter(rows),
                    "line_no": batch.column("line_no").filter(rows),
                    "rule": pa.repeat(rule.name, len(values)),
                    "column_name": pa.repeat(rule.column, len(values)),
                    "value": values,
                }
            )
        )
    if not found:
        return dict.fromkeys(FLAGGED_COLUMNS, ())
    ordered = pa.concat_tables(found).sort_by([("record_no", "ascending"), ("rule", "ascending")])
    return {name: ordered.column(name).combine_chunks() for name in FLAGGED_COLUMNS}
