"""Ready mappings: files of one well-known form become a disclosure without a question about their columns.

A mapping is a file in mappings/: how the files are called, and the part of a manifest that is the same for all of them.
Here: the loader, and `map_files`, which makes the manifest of the files that came.
Not here: writing it (reception/adding.py), and whether the files are as the mapping says: the manifest is checked as
any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field

from pipeline.intake.manifest import Caveat, Decision, Disclosure, Part, Rights, Slug, Terms
from pipeline.intake.problem import Problem, Refused
from pipeline.reception.draft import Draft

_FOLDER = Path(__file__).parent / "mappings"


class MappedTable(Terms):
    """The table of a mapping: what a manifest says of it, but for its extracts and what they cover."""

    id: Slug
    population: str


class TableMapping(Part):
    """A mapping. `files` is an expression for the names of files, with `month` and `force`, `example` such a name.

    `forces` says what we call a force that has another name there.
    """

    name: Slug
    title: str
    source_url: str
    files: str
    example: str
    forces: dict[str, Slug] = Field(default={})
    decision: Decision
    rights: Rights
    caveats: list[Caveat] = Field(default=[])
    table: MappedTable


@dataclass(frozen=True)
class MonthlyFile:
    """One file that came: its name, digest, month (its first day) and force."""

    name: str
    sha256: str
    month: date
    force: str


@cache
def mappings() -> dict[str, TableMapping]:
    """Return every mapping by its name."""
    documents = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(_FOLDER.glob("*.yaml"))]
    found = [TableMapping.model_validate(document) for document in documents]
    return {mapping.name: mapping for mapping in found}


def map_files(
    mapping: TableMapping, digests: Mapping[str, str], earlier: Sequence[Disclosure]
) -> tuple[Draft, tuple[str, ...]]:
    """Return the manifest of monthly files of one force, given with their SHA-256, and what to look at.

    All files are extracts of one table. `earlier` are the disclosures there are: the name of the one that has the same
    months, and that nothing replaces, is the name here too, so that how both stand to each other is asked. No file says
    when it was downloaded. Raises Refused for a name that is no name of such a file, for files of several forces, and
    where one disclosure has all of them already.
    """
    files = sorted(_files(mapping, digests), key=lambda file: file.month)
    force, months = files[0].force, [file.month for file in files]
    before = [d for d in earlier if d.force == force and _is_mapped(d, mapping)]
    for one in before:
        if {e.sha256 for e in one.tables[0].extracts} >= set(digests.values()):
            found = f"files that {one.name} has already, byte for byte"
            raise Refused(Problem(files[0].name, found, "a file that is new", "nothing has to be added"))
    replaced = {d.supersedes for d in before} | {d.corrects for d in before}
    standing = [d for d in before if d.our_reference not in replaced]
    same = [d.our_reference for d in standing if _months(mapping, d) == set(months)]
    unsure = [
        f"{d.name} has {shared} of the same months, and others: their lines are in both"
        for d in standing
        if d.our_reference not in same and (shared := len(_months(mapping, d) & set(months)))
    ]
    own = mapping.table
    table = {"id": own.id, "population": own.population, **own.model_dump(exclude_unset=True, mode="json")}
    if len(months) == _months_between(months[0], months[-1]):
        end = _next(months[-1]) - timedelta(days=1)
        table["covers"] = {"basis": "month", "start": months[0], "end": end, "said_at": "the names of the files"}
    else:
        unsure.append("months are missing between the first and the last, so that what the table covers is not said")
    table["extracts"] = [{"file": file.name, "sha256": file.sha256} for file in files]
    manifest: dict[str, Any] = {
        "force": force,
        "reference": None,
        "our_reference": same[-1] if same else f"{mapping.name}-{months[0]:%Y-%m}-{months[-1]:%Y-%m}",
        "title": mapping.title,
        "source_url": mapping.source_url,
        "decision": mapping.decision,
        "caveats": [caveat.model_dump(exclude_unset=True) for caveat in mapping.caveats],
        "rights": mapping.rights.model_dump(),
        "tables": [table],
    }
    return Draft(manifest, ()), tuple(unsure)


def _files(mapping: TableMapping, digests: Mapping[str, str]) -> list[MonthlyFile]:
    """Return the files that came, each with what its name says; raises Refused with every one that does not fit."""
    files, problems = [], []
    for name, sha256 in digests.items():
        said = re.fullmatch(mapping.files, name)
        month = _month(said["month"]) if said else None
        if said is None or month is None:
            expected = f"a name such as {mapping.example}"
            problems.append(Problem(name, "another name", expected, "leave it out, or add it without --as"))
        else:
            files.append(MonthlyFile(name, sha256, month, mapping.forces.get(said["force"], said["force"])))
    forces = sorted({file.force for file in files})
    if len(forces) > 1:
        found = f"files of {len(forces)} forces: {', '.join(forces)}"
        problems.append(Problem(mapping.name, found, "files of one force", "add the files of each force apart"))
    if problems:
        raise Refused(*problems)
    return files


def _is_mapped(disclosure: Disclosure, mapping: TableMapping) -> bool:
    """Return True for a disclosure that was made with the mapping: its one table and its name say so."""
    ids = [table.id for table in disclosure.tables]
    return (disclosure.our_reference or "").startswith(f"{mapping.name}-") and ids == [mapping.table.id]


def _months(mapping: TableMapping, disclosure: Disclosure) -> set[date]:
    said = [re.fullmatch(mapping.files, extract.file) for extract in disclosure.tables[0].extracts]
    return {month for name in said if name and (month := _month(name["month"]))}


def _month(text: str) -> date | None:
    """Return the first day of a month such as 2025-01, or None where there is no such month."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def _months_between(first: date, last: date) -> int:
    return 12 * (last.year - first.year) + last.month - first.month + 1
