"""Figures over forces: a platform over those that were asked the same, and who answered what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from pipeline.figures.catalogue import (
    COVERAGE,
    FORCES_PLATFORM_YEAR,
)
from pipeline.figures.derived.book import Book, Figure, derived, exactly, period_of
from pipeline.normalisation.forces import force_names
from pipeline.store.naming import slug


def forces_platform_years(book: Book) -> Iterator[Figure]:
    """Yield mentions of a platform and year over all forces that were asked the same."""
    candidates = [
        (book.facts_of(f).table.question, f)
        for f in book.figures["platform_year"]
        if book.facts_of(f).table.question and not f["synthetic"] and f["superseded_by"] is None
    ]
    groups: dict[tuple[Any, ...], list[Figure]] = defaultdict(list)
    for question, figure in candidates:
        keys = ("unit", "date_basis", "year_basis", "platform", "year")
        groups[(question, *(figure[k] for k in keys))].append(figure)
    for (question, *basis), figures in groups.items():
        yield _over_forces(book, str(question), basis, figures)


def _over_forces(book: Book, question: str, basis: Sequence[str], figures: list[Figure]) -> Figure:
    forces = [f["force"] for f in figures]
    absent = list(_absent(book, question, forces))
    reason: str | None = None
    if twice := sorted({f for f in forces if forces.count(f) > 1}):
        reason = f"{', '.join(twice)} gave more than one table that overlap"
    elif any(book.facts_of(f).is_cut for f in figures):
        reason = "a table is cut"
    elif any(f["part"] for f in figures):
        reason = f"{period_of(figures[0])} is a part year"
    elif any(f["value"] is None for f in figures):
        reason = "a count is not exact"
    elif len(forces) < 2:
        reason = f"only {forces[0]} answered on this basis"
    first = figures[0]
    return derived(
        FORCES_PLATFORM_YEAR,
        first,
        "/".join((*(slug(part) for part in (question, *basis[:-1])), basis[-1])),
        force="several",
        disclosure="several",
        table_id=question,
        complete="yes" if not reason else "see reason",
        evidence=", ".join(sorted({f["evidence"] for f in figures})),
        n=sum(f["n"] for f in figures),
        reason=reason,
        parents=[f["id"] for f in figures],
        caveats=list(dict.fromkeys(c for f in figures for c in f["caveats"])),
        question=question,
        forces=[f"{f['force']}: {f['disclosure']}" for f in figures],
        absent=absent,
        **({} if reason else exactly(sum(f["value"] for f in figures))),
    )


def _absent(book: Book, question: str, forces: Sequence[str]) -> Iterator[str]:
    """Yield who was asked the same and is not in the figure, and why."""
    for disclosure in book.inputs.disclosures:
        for answer in disclosure.answers:
            if answer.question != question or disclosure.force in forces or is_made_up(disclosure.force):
                continue
            tables = [f for f in book.inputs.facts if f.disclosure.name == disclosure.name]
            answered = any(f.table.question == question for f in tables)
            why = (
                "answered on another basis"
                if answered
                else f"{answer.decision}, figures not held"
                if answer.decision in {"full", "partial", "unknown"}
                else answer.decision.replace("_", " ")
            )
            yield f"{disclosure.force}: {disclosure.name}, {why}"


def coverages(book: Book) -> Iterator[Figure]:
    """Yield who answered which question, and how many extracts of it are held."""
    held: dict[tuple[str, str], int] = defaultdict(int)
    for facts in book.inputs.facts:
        held[(facts.disclosure.name, facts.table.question or "")] += len(facts.extracts)
    asked: dict[str, set[str]] = defaultdict(set)
    for disclosure in book.inputs.disclosures:
        for answer in disclosure.answers:
            if not is_made_up(disclosure.force):
                asked[answer.question].add(disclosure.force)
            count = held[(disclosure.name, answer.question)]
            yield _coverage(disclosure.force, answer.question, disclosure.name) | {
                **exactly(count),
                "decision": answer.decision,
                "holding": disclosure.holding,
                "exemptions": answer.exemptions,
                "complete": {"all": "yes"}.get(disclosure.holding, disclosure.holding),
                "period_start": disclosure.responded,
                "period_end": None,
            }
    everyone = sorted({d.force for d in book.inputs.disclosures if not is_made_up(d.force)})
    for question, forces in sorted(asked.items()):
        if len(forces) > 1:
            for force in everyone:
                if force not in forces:
                    yield _coverage(force, question, "none") | {"reason": "no answer to this question is known"}


def is_made_up(force: str) -> bool:
    """Return True where a force is invented."""
    return force_names()[force]


def _coverage(force: str, question: str, disclosure: str) -> Figure:
    reference = disclosure.split("/")[-1]
    prefix = "synthetic/" if is_made_up(force) else ""
    return {
        "id": f"{prefix}{COVERAGE.name}/{force}/{question}/{reference}",
        "force": force,
        "disclosure": disclosure,
        "table_id": question,
        "unit": "extracts",
        "date_basis": "unstated",
        "year_basis": "none",
        "part": False,
        "n": 0,
        "complete": "none",
        "evidence": "none",
        "synthetic": is_made_up(force),
        "superseded_by": None,
        "caveats": [],
        "question": question,
        "parents": [],
        "of_table": "",
    }
