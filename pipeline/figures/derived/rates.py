"""Rates: the charge rate of crimes, and the share of a platform in all mentions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from pipeline.figures import sql
from pipeline.figures.catalogue import (
    CHARGE_RATE,
    PLATFORM_SHARE,
    SCOPE,
    TABLES,
    CountedTable,
)
from pipeline.figures.derived.book import Book, Figure, by_year, derived, exactly, percent, period_of, year_key
from pipeline.figures.facts import TableFacts
from pipeline.normalisation.offence_list import is_notifiable
from pipeline.normalisation.outcomes import outcome_flags
from pipeline.normalisation.reading import NONE_NAMED, UNKNOWN


def charge_rates(book: Book) -> Iterator[Figure]:
    """Yield the charge rate of every cell of crimes whose outcomes are counted too."""
    outcomes = by_year(book.figures["outcome_year"])
    both = by_year(book.figures["offence_outcome_year"])
    for name in ("crimes_year", "offence_year"):
        for crimes in book.figures[name]:
            key = year_key(crimes)
            cells = both.get(key) or outcomes.get(key)
            if cells is not None:
                offence = crimes.get("offence")
                yield _charge_rate(book, crimes, [c for c in cells if offence in (None, c.get("offence"))])


def _charge_rate(book: Book, crimes: Figure, cells: list[Figure]) -> Figure:
    """Return the charge rate of one cell of crimes; `cells` are its crimes by outcome (and offence)."""

    def total(keep: Callable[[Figure], bool]) -> int:
        return sum(c["value"] or 0 for c in cells if keep(c))

    def notifiable(cell: Figure) -> bool:
        return cell.get("offence") is None or is_notifiable(cell["offence"])

    def flags(cell: Figure) -> frozenset[str]:
        return outcome_flags(cell["outcome"])

    def counted(cell: Figure) -> bool:
        return notifiable(cell) and not flags(cell) & {"cancelled", "fraud"}

    uncertain = {d for e in book.facts_of(crimes).extracts for d in e.terms.uncertain or ()}
    with_outcome = sum(c["value"] or 0 for c in cells)
    base = total(counted)
    charged = total(lambda c: counted(c) and "charged" in flags(c))
    reason = None
    if crimes["unit"] != "crimes":
        reason = f"counts are {crimes['unit']}, not crimes"
    elif book.facts_of(crimes).is_cut:
        reason = f"the table is cut ({crimes['complete']})"
    elif crimes["part"]:
        reason = f"{period_of(crimes)} is a part year"
    elif crimes["value"] is None or any(c["value"] is None for c in cells):
        reason = "a count is not exact"
    elif uncertain & {"offence", "outcome"}:
        reason = f"the column of {' and '.join(sorted(uncertain & {'offence', 'outcome'}))} cannot be proved"
    elif with_outcome != crimes["value"]:
        reason = f"outcomes are printed for {with_outcome:,} of {crimes['value']:,} crimes"
    elif base == 0:
        reason = "no notifiable crime to be charged"
    return derived(
        CHARGE_RATE,
        crimes,
        "",
        unit="percent",
        numerator=charged,
        denominator=base,
        n=crimes["n"],
        reason=reason,
        parents=[crimes["id"], *(c["id"] for c in cells)],
        type_1_only=total(lambda c: counted(c) and c["outcome"] == "1"),
        not_yet_assigned=total(lambda c: counted(c) and "open" in flags(c)),
        no_outcome_printed=(crimes["value"] or 0) - total(lambda c: c["outcome"] != UNKNOWN),
        not_notifiable=total(lambda c: not notifiable(c)),
        cancelled=total(lambda c: notifiable(c) and "cancelled" in flags(c)),
        fraud=total(lambda c: notifiable(c) and "fraud" in flags(c)),
        **({} if reason else exactly(percent(charged, base))),
    )


def platform_shares(book: Book) -> Iterator[Figure]:
    """Yield the share of each platform in all mentions of its table and year."""
    grouped = by_year(book.figures["platform_year"])
    lines = _lines_with_a_platform(book)
    for key, figures in grouped.items():
        facts = book.facts_of(figures[0])
        if "platform" not in facts.extracts[0].dimensions_in_lines:
            continue
        mentions = [f for f in figures if f["platform"] not in _NO_PLATFORM]
        for figure in mentions:
            yield _platform_share(facts, figure, mentions, lines.get(key, 0))


def _lines_with_a_platform(book: Book) -> dict[tuple[Any, ...], int]:
    table = TABLES["platform_year"]
    if not isinstance(table, CountedTable) or not book.inputs.observations:
        return {}
    query = sql.records(table, (*SCOPE, "year"), f"platform not in {_NO_PLATFORM}")
    return {tuple(row[:-1]): row[-1] for row in book.inputs.db.execute(query).fetchall()}


_NO_PLATFORM = (UNKNOWN, NONE_NAMED)
"""Codes that say of no platform that it was mentioned."""


def _platform_share(facts: TableFacts, figure: Figure, mentions: list[Figure], lines: int) -> Figure:
    base = sum(m["value"] or 0 for m in mentions)
    reason = None
    if facts.is_cut:
        reason = f"the table is cut ({figure['complete']})"
    elif figure["part"]:
        reason = f"{period_of(figure)} is a part year"
    elif any(m["value"] is None for m in mentions):
        reason = "a count is not exact"
    elif base == 0:
        reason = "no mention of any platform"
    return derived(
        PLATFORM_SHARE,
        figure,
        "",
        unit="percent",
        numerator=figure["value"],
        denominator=base,
        n=lines,
        reason=reason,
        parents=[m["id"] for m in mentions],
        **({} if reason else exactly(percent(figure["value"], base))),
    )
