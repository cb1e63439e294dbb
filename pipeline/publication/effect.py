"""The effect of a decision on a label: what its row would change in the figures of what lies in raw/ now.

It is built, not guessed: all figures once with the tables as they are and once with the row, the second time in a
process of its own, since a process reads its tables once. Nothing is published and the warehouse stays as it is.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from pipeline.figures.catalogue import TABLES
from pipeline.intake.manifest import Extract
from pipeline.intake.raw import Raw, Refusal
from pipeline.normalisation.observations import Observations, read_otherwise
from pipeline.publication.accepting import Decision, refused, table_text, with_line
from pipeline.publication.build import Build
from pipeline.store import reference
from pipeline.store.duck import ask, memory, parquet
from pipeline.store.places import Places
from pipeline.validation.gate import Validated


@dataclass(frozen=True)
class Effect:
    """What a decision would change.

    `figures` are {figure_table, id, unit, before, after} of each figure that differs; before and after are
    {value, value_min, value_max, reason} or None where there is no such figure. `labels` are the labels of raw/ that
    are read otherwise: {extract_id, dimension, label, n, before, after}.
    """

    figures: tuple[dict[str, Any], ...]
    labels: tuple[dict[str, Any], ...]


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
            raise refused(decision, found, "extracts accepted as before", "take another code")
        for label in after.labels:
            if label["status_before"] in {"mapped", "unknown"} and label["before"] != label["after"]:
                found = f"{label['label']!r}, which is {label['before']} and would be {label['after']}"
                raise refused(decision, found, "no other label changed", "write the label less like that one")
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
        changed, _ = with_line(table_text(reference.table_path(decision.file)), decision)
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

    kept: Mapping[str, tuple[Validated, Observations]] = field(default_factory=dict)

    def verdict_of(self, extract: Extract) -> Validated | Refusal:
        """Return the verdict on an extract, taken over or reached anew."""
        kept = self.kept.get(extract.extract_id)
        return kept[0] if kept else super().verdict_of(extract)

    def observations_of(self, verdict: Validated) -> Observations:
        """Return the observations of an extract, taken over or made anew."""
        kept = self.kept.get(verdict.extract.extract_id)
        return kept[1] if kept else super().observations_of(verdict)


def _built_anew(places: Beside, raw: Raw, built: Mapping[str, tuple[Validated, Observations]]) -> _After:
    changed = {name: read_otherwise(observations) for name, (_, observations) in built.items()}
    kept = {name: pair for name, pair in built.items() if not changed[name]}
    build = _Rebuilt(places, raw, kept=kept)
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


def report(decision: Decision, found: Effect) -> dict[str, Any]:
    """Return {vocabulary, label, code, file, line, labels, figures, written} of a decision not written yet."""
    _, line = with_line(table_text(reference.table_path(decision.file)), decision)
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
