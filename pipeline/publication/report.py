"""Reports: what a refresh did, and whether a disclosure would be accepted, as plain JSON."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline.intake.manifest import MANIFEST_NAME, Extract
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.raw import read_disclosure
from pipeline.intake.reading import Asked, Reading, read_extract, read_file
from pipeline.intake.screen import WHOLE_LINE, screen_values
from pipeline.normalisation.forces import force_names
from pipeline.publication.build import Build
from pipeline.publication.checks import Verdict, verdicts
from pipeline.publication.release import Outcome
from pipeline.store.duck import memory, parquet, rows
from pipeline.store.places import Places


def refresh_report(build: Build, outcome: Outcome) -> dict[str, Any]:
    """Return {release, published, message, extracts: {new, reused, refused}, records, labels, checks}.

    Reused is an extract that the release in force before had already, read and coded the same way.
    """
    if any(v.check == "store_intact" for v in outcome.verdicts):
        build = replace(build, raw=replace(build.raw, extracts=()))  # nothing is read from a store that is damaged
    (labels,) = verdicts(build, "unmapped_labels")
    return {
        "release": outcome.release.number if outcome.release else None,
        "published": outcome.published,
        "message": outcome.message,
        "extracts": {
            "new": [o.extract.extract_id for o in build.observations if not build.is_reused(o.path)],
            "reused": [o.extract.extract_id for o in build.observations if build.is_reused(o.path)],
            "refused": [{"extract_id": r.name, "reason": r.reason} for r in build.refusals],
        },
        "records": {
            "accepted": sum(v.report["validated"] for v in build.accepted),
            "rejected": sum(v.report["rejected"] for v in build.accepted),
        },
        "labels": {"unmapped": labels.failed},
        "checks": [_check(v) for v in outcome.verdicts],
    }


def _check(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.name,
        "severity": verdict.severity,
        "passed": verdict.passed,
        "message": verdict.message,
        "rows": list(verdict.rows[:SHOWN]),
    }


def read_report(path: Path, asked: Asked) -> dict[str, Any]:
    """Return what the reader makes of a file as JSON: by the manifest beside it that names it, else by itself.

    Where a manifest names several parts of the file, the lists are those of all of them, and `parts` has each for
    itself. A file that cannot be read gives {refused: {line_no, reason}}. What a person says of the file wins over a
    manifest.
    """
    shown = os.fsencode(path).decode("utf-8", "replace")
    try:
        extracts = [] if asked != Asked() else _named_extracts(path)
        if not extracts:
            return _with_personal(read_file(path, shown, asked), frozenset())
        parts = [
            _with_personal(read_extract(extract, shown), frozenset(c.kind for c in extract.terms.cleared or ()))
            for extract in extracts
        ]
        if len(parts) == 1:
            return parts[0]
        listed = ("records", "rejected", "set_aside", "warnings")
        joined = {name: [item for part in parts for item in part[name]] for name in listed}
        return parts[0] | joined | {"parts": parts}
    except Refused as refused:
        problem = refused.problems[0]
        return {"refused": {"line_no": problem.line, "reason": str(refused)}}


def _with_personal(reading: Reading, cleared: frozenset[str]) -> dict[str, Any]:
    """Return a reading as JSON, its warnings with the places of personal data that would hold it, never a value."""
    document = reading.as_json()
    places: dict[tuple[str, str], set[int]] = {}
    account = reading.account
    lines = {(WHOLE_LINE, 0): [(s.text, s.line_no) for s in account.set_aside]}
    lines[WHOLE_LINE, 0] += [(r.text, r.line_no) for r in account.rejected]
    for at, name in enumerate(reading.columns):
        lines[name, at + 1] = [(record.values[at], record.line_no) for record in reading.records]
    for (name, position), values in lines.items():
        where: dict[str, list[int]] = {}
        for value, line in values:
            where.setdefault(value, []).append(line)
        header = name if reading.header_line or not position else None
        lines_of = list(where.values())
        for hit in screen_values(header, position or 1, tuple(where)):
            if hit.kind not in cleared:
                places.setdefault((hit.kind, hit.column), set()).update(lines_of[hit.index])
    document["warnings"] += [_held(kind, column, sorted(at)) for (kind, column), at in places.items()]
    return document


def _held(kind: str, column: str, lines: list[int]) -> str:
    where = "outside the records" if column == WHOLE_LINE else f"in column {column}"
    more = ", …" if len(lines) > SHOWN else ""
    named = ", ".join(map(str, lines[:SHOWN])) + more
    return f"would be held: {kind.replace('_', ' ')} {where}, line{'s' if len(lines) > 1 else ''} {named}"


def _named_extracts(path: Path) -> list[Extract]:
    """Return the extracts that a manifest beside a file makes of it; none where there is no manifest that names it."""
    folder = path.absolute().parent.resolve()
    if not (folder / MANIFEST_NAME).is_file() or path.is_symlink():
        return []
    places = Places.of(folder.parent.parent)
    return [e for e in read_disclosure(folder, places, force_names()).extracts if e.path.name == path.name]


def check_disclosure(path: Path) -> dict[str, Any]:
    """Return {disclosure, accepted, refused: [{extract_id, reason}], extracts: [...], checks} without storing anything.

    `path` is the folder of a disclosure, or a file in it: then only what its manifest makes of that file is told.
    `checks` are those that did not pass, with their first rows.
    """
    given = path.absolute()
    # a link among the extracts is refused by its manifest, and never followed
    folder = given.resolve() if given.is_dir() else given.parent.resolve()
    file = None if given.is_dir() or given.name == MANIFEST_NAME else given.name
    name = f"{folder.parent.name}/{folder.name}"
    with tempfile.TemporaryDirectory(prefix="foi-check-") as scratch:
        places = Places.of(folder.parent.parent, scratch)
        try:
            raw = read_disclosure(folder, places, force_names())
            asked = {e.extract_id for e in raw.extracts if file in {None, e.path.name}}
            if file is not None and not asked:
                found, expected = "no extract of this file", f"a table of {MANIFEST_NAME} that names it"
                raise Refused(Problem(places.shown(folder / file), found, expected, "name it there, or `foi add` it"))
        except Refused as refused:
            reason = "\n".join(str(p) for p in refused.problems)
            return {
                "disclosure": name,
                "accepted": False,
                "refused": [{"extract_id": name, "reason": reason}],
                "extracts": [],
                "checks": [],
            }
        build = Build(places, raw if file is None else replace(raw, stray=()))
        refusals = [r for r in build.refusals if r.name in {name, *asked}]
        return {
            "disclosure": name,
            "accepted": not refusals,
            "refused": [{"extract_id": r.name, "reason": r.reason} for r in refusals],
            "extracts": [
                {
                    "extract_id": v.extract.extract_id,
                    "lines": v.source.account["physical_lines"],
                    "records": v.source.account["records"],
                    "rejected": v.report["rejected"],
                    "unmapped": _unmapped(o.labels),
                }
                for v, o in zip(build.accepted, build.observations, strict=True)
                if v.extract.extract_id in asked
            ],
            "checks": [_check(v) for asset in _OF_ONE for v in verdicts(build, asset) if not v.passed],
        }


SHOWN = 5
"""Rows of a check that a report shows."""

_OF_ONE = ("source_records", "rejected_records", "controls", "recount")
"""The assets whose checks say something of one disclosure alone; unmapped labels are told with their extract."""


def _unmapped(labels: Path) -> list[dict[str, Any]]:
    with memory() as db:
        return rows(
            db.execute(
                f"select dimension, label, status, n, first_line from {parquet(labels)} "
                "where status not in ('mapped', 'unknown') order by n desc, dimension, label"
            )
        )
