"""What decides a figure that has no changed line of its own: other figures that changed.

A derived figure is decided by its parents, and where those did not change by figures that are none of them: a sum over
the longest run of periods goes where another run became longer, a rate where outcomes are printed that were not. A zero
by absence is decided by the cells of platforms that could not be read: where there is one, nobody can say that a
platform was absent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any

from pipeline.figures.catalogue import CHARGE_RATE, PERIOD_SUM, PLATFORM_SHARE, YEAR_CHANGE
from pipeline.store.naming import slug

Row = Mapping[str, Any]

CAME_OR_WENT = frozenset({"added", "removed"})

UNREAD = ("Unmapped", "Conflict", "Invalid")
"""Codes of a platform that could not be read, each of which may be any platform."""

_SCOPE_PARTS = 6
"""Parts of an id that say its scope."""

_OF_A_YEAR = {
    CHARGE_RATE.name: ("crimes_year", "offence_year", "outcome_year", "offence_outcome_year"),
    PLATFORM_SHARE.name: ("platform_year",),
}
"""Tables whose figures of one scope and year a derived figure is made of together."""


class Deciders:
    """Looks up, among the figures that changed, those that decide another one."""

    def __init__(self, touched: Mapping[str, Row]) -> None:
        self.touched = touched

    def of_derived(self, row: Row) -> list[Row]:
        """Return the figures that changed and decide a derived one: its parents first, then others by id."""
        own = [self.touched[parent] for parent in row["parents"] or () if parent in self.touched]
        table = row["figure_table"]
        others: Iterable[Row] = ()
        if table == PERIOD_SUM.name and row["change"] in CAME_OR_WENT:
            # a run ends, or another one is longer, by a figure of either
            runs = {parent for other in self._sums[_cell(row["id"])] for parent in other["parents"] or ()}
            others = [r for r in map(self.touched.get, runs) if r is not None and r["change"] in CAME_OR_WENT]
        elif own:
            return own
        elif table == YEAR_CHANGE.name:
            others = self._cells[_cell(row["id"])]
        elif table in _OF_A_YEAR:
            others = [r for r in self._years[_scope_and_period(row["id"])] if r["figure_table"] in _OF_A_YEAR[table]]
        known = {r["id"] for r in own}
        return own + sorted((r for r in others if r["id"] not in known), key=lambda r: str(r["id"]))

    def of_zero(self, row: Row) -> list[Row]:
        """Return the cells of platforms that could not be read which went where a zero came, or came where it went."""
        head, _, period = row["id"].rsplit("/", 2)
        if not row["figure_table"].startswith("platform_"):
            return []
        wanted = {"added": "removed", "removed": "added"}[row["change"]]
        found = (self.touched.get(f"{head}/{slug(code)}/{period}") for code in UNREAD)
        return [r for r in found if r is not None and r["change"] == wanted and r["id"] != row["id"]]

    @cached_property
    def _sums(self) -> Mapping[str, list[Row]]:
        return self._by(_cell, lambda r: r["figure_table"] == PERIOD_SUM.name)

    @cached_property
    def _cells(self) -> Mapping[str, list[Row]]:
        return self._by(_cell, lambda r: r["change"] in CAME_OR_WENT and r["figure_table"] in YEAR_CHANGE.parents)

    @cached_property
    def _years(self) -> Mapping[tuple[str, ...], list[Row]]:
        tables = {name for names in _OF_A_YEAR.values() for name in names}
        return self._by(_scope_and_period, lambda r: r["figure_table"] in tables)

    def _by(self, key: Callable[[str], Any], wanted: Callable[[Row], bool]) -> Mapping[Any, list[Row]]:
        found = defaultdict(list)
        for row in self.touched.values():
            if wanted(row):
                found[key(row["id"])].append(row)
        return found


def _plain(figure: str) -> list[str]:
    """Return the parts of an id from the counted table on; of a derived figure that of its parents."""
    parts = figure.removeprefix("synthetic/").split("/")
    return parts[1:] if parts[0] in {PERIOD_SUM.name, *_OF_A_YEAR, YEAR_CHANGE.name} else parts


def _cell(figure: str) -> str:
    """Return an id without its period, the same for a figure and what is derived from its cell."""
    return "/".join(_plain(figure)[:-1])


def scope_of(figure: str) -> tuple[str, ...]:
    """Return the scope of an id: force, reference, table, unit, date basis, year basis, each as a slug."""
    return tuple(_plain(figure)[1 : 1 + _SCOPE_PARTS])


def _scope_and_period(figure: str) -> tuple[str, ...]:
    """Return the scope and the period of an id, whatever its table counts by."""
    return (*scope_of(figure), _plain(figure)[-1])
