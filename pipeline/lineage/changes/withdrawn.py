"""What is known of the changes from a release that a withdrawal removed.

Of such a release its line in the log is left, with the digests of what it was made from and of its tables, and the
tombstone, which names the figures that stood on what was withdrawn. Values are not held: a figure that the tombstone
names is told without its value before. Of the others a figure is the same where that is proved, because its table has
the same digest, or all that it is made from has; else it is unknown, with what may have changed it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from pipeline.figures.catalogue import COVERAGE, FORCES_PLATFORM_YEAR, TABLES
from pipeline.lineage.changes.causes import Part
from pipeline.lineage.changes.deciding import scope_of
from pipeline.lineage.changes.figures import COMPARED
from pipeline.lineage.changes.logged import Logged, differs
from pipeline.store.duck import ask, opened
from pipeline.store.naming import slug
from pipeline.store.places import Places
from pipeline.store.releases import ReleaseFile, read_log
from pipeline.store.withdrawals import Tombstone, tombstones

Row = Mapping[str, Any]


def withdrawals_of(places: Places, number: int) -> list[Tombstone]:
    """Return the withdrawals with which a release was removed; none where it was not removed so."""
    digests = {event.get("tombstone") for event in _events(places) if number in event.get("removed", ())}
    return [tombstone for tombstone in tombstones(places) if tombstone.digest in digests]


def last_removed(places: Places, before: int) -> int | None:
    """Return the last release before another one, where a withdrawal removed it, else None."""
    numbers = [entry["number"] for entry in read_log(places) if entry.get("event") == "release"]
    last = max((number for number in numbers if number < before), default=None)
    return last if last is not None and withdrawals_of(places, last) else None


def _events(places: Places) -> list[dict[str, Any]]:
    return [entry for entry in read_log(places) if entry.get("event") == "withdrawal"]


def changes_by_withdrawal(places: Places, number: int, after: ReleaseFile) -> dict[str, Any]:
    """Return what is known of the figures from a release that is not held to a later one, as changes.changes does.

    before is None for each. `unknown` has the figures of which nobody can say whether they changed, `proved_same` the
    rows of the others by id. Raises NotComparable where the log says nothing of a release.
    """
    logged = Logged.of(places, number, after.number)
    with opened(after.path) as db:
        there = {row["id"]: row for name in TABLES for row in _figures(db, name)}
        tables: dict[tuple[str, str], list[str]] = {}
        for row in ask(db, "from extract order by extract_id"):
            tables.setdefault((row["disclosure"], row["table_id"]), []).append(row["extract_id"])
        questions = {row["question"] for t in logged.withdrawals for row in _answers(db, t)}
        published = ask(db, "select published_at from release_info")[0]["published_at"]
    figures: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("added", "removed", "changed", "same_value", "unknown")
    }
    named = _Named(logged.withdrawals, _tables_of(places))
    for figure in sorted(named.figures, key=_in_order):
        change = "changed" if figure in there else "removed"
        figures[change].append(_told(figure, change, there.get(figure), named.parts(figure)))
    unknown = _Unknown(logged, tables, questions)
    for row in there.values():
        if row["id"] not in named.figures and (parts := unknown.parts(row)):
            figures["unknown"].append(_told(row["id"], "unknown", row, parts))
    told = {figure["id"] for own in figures.values() for figure in own}
    return {
        "a": {"number": number, "digest": str(logged.a["digest"])[:12], "published_at": logged.a["at"]},
        "b": {"number": after.number, "digest": after.digest, "published_at": published},
        "withdrawals": [
            {name: getattr(tombstone, name) for name in ("disclosure", "date", "reason")}
            for tombstone in logged.withdrawals
        ],
        "extracts": logged.extracts,
        "figures": figures,
        "same": len(there.keys() - told),
        "proved_same": {figure: row for figure, row in there.items() if figure not in told},
    }


def _figures(db: Any, name: str) -> list[dict[str, Any]]:
    columns = ", ".join(("id", "disclosure", "table_id", "synthetic", *COMPARED))
    return ask(db, f"select '{name}' as figure_table, {columns} from {name} order by id")


def _answers(db: Any, tombstone: Tombstone) -> list[dict[str, Any]]:
    return ask(db, "select question from answer where disclosure = ?", [tombstone.disclosure])


def _tables_of(places: Places) -> dict[str, str]:
    """Return the table that each withdrawn extract was of, as far as the log says it."""
    return {extract: table for event in _events(places) for extract, table in event.get("tables", {}).items()}


class _Named:
    """The figures that tombstones name, and of which extracts each was counted."""

    def __init__(self, withdrawals: Sequence[Tombstone], tables: Mapping[str, str]) -> None:
        self._by_withdrawal = [(t, frozenset(t.figures)) for t in withdrawals]
        self.figures = frozenset[str]().union(*(figures for _, figures in self._by_withdrawal))
        self._scopes = {
            extract: (t.disclosure, slug(tables[extract]))
            for t in withdrawals
            for extract in t.extracts
            if extract in tables
        }

    def parts(self, figure: str) -> list[Part]:
        """Return the parts of a figure, one for each extract that it was counted from, without numbers."""
        return [part for t, own in self._by_withdrawal if figure in own for part in self._parts(t, figure)]

    def _parts(self, tombstone: Tombstone, figure: str) -> Iterator[Part]:
        extracts = self._extracts(tombstone, figure)
        for extract in extracts:
            yield _part("withdrawn", {"extract_id": extract})
        if not extracts:
            yield _part("withdrawn", {"disclosure": tombstone.disclosure, "differs": []})

    def _extracts(self, tombstone: Tombstone, figure: str) -> list[str]:
        """Return the extracts of a withdrawal that a figure was counted from; none where nothing says which."""
        own = sorted(tombstone.extracts)
        cell = figure.removeprefix("synthetic/").removeprefix("printed/")
        if _table_of(figure) == "printed":
            return [extract for extract in own if cell.startswith(f"{extract}/")]
        if len(own) == 1:
            return own
        if not set(own) <= self._scopes.keys():
            return []
        scope = scope_of(figure)
        return [extract for extract in own if self._scopes[extract] == ("/".join(scope[:2]), scope[2])]


class _Unknown:
    """Says of a figure of the later release what may have changed it, by what is not the same in the log."""

    def __init__(
        self, logged: Logged, tables: Mapping[tuple[str, str], Sequence[str]], questions: Collection[str]
    ) -> None:
        self.logged = logged
        self.tables = tables
        self.questions = questions

    def parts(self, row: Row) -> list[Part]:
        """Return what may have changed a figure; nothing where it is proved to be the same."""
        if self.logged.is_same_table(row["figure_table"]):
            return []
        withdrawn = {t.disclosure for t in self.logged.withdrawals}
        if row["figure_table"] == FORCES_PLATFORM_YEAR.name or row["disclosure"] == "none":
            # it is made of all that were asked the same, and who that was before is not held
            disclosures = self.logged.manifests - withdrawn
            found = [_part("withdrawn", {"disclosure": d, "differs": []}) for d in sorted(withdrawn)]
            found = found if row["table_id"] in self.questions else []
        else:
            disclosures = frozenset({row["disclosure"]}) & self.logged.manifests
            own = self.tables.get((row["disclosure"], row["table_id"]))
            if own and row["figure_table"] != COVERAGE.name and self.logged.is_read_alike(row["disclosure"], own):
                disclosures = frozenset()
            found = [
                _part("withdrawn", {"extract_id": e})
                for t in self.logged.withdrawals
                if row["figure_table"] == COVERAGE.name and t.disclosure == row["disclosure"]
                for e in sorted(t.extracts)
            ]
        different = [*self._extracts(row), *map(self._manifest, sorted(disclosures)), *self.logged.of_all]
        return [*found, *([_part("unknown", {"differs": different})] if different else [])]

    def _extracts(self, row: Row) -> Iterator[dict[str, Any]]:
        before, after = self.logged.a["extracts"], self.logged.b["extracts"]
        for extract in self.tables.get((row["disclosure"], row["table_id"]), ()):
            if before.get(extract) != after.get(extract):
                yield differs("sha256", extract, before.get(extract), after.get(extract))

    def _manifest(self, disclosure: str) -> dict[str, Any]:
        sides = [(said.get("manifests") or {}).get(disclosure) for said in (self.logged.a, self.logged.b)]
        return differs("manifest", disclosure, *sides)


def told_same(row: Row) -> dict[str, Any]:
    """Return a figure of `proved_same` as it is told: what it was is what it is."""
    told = _told(row["id"], "same", row, [])
    return told | {"before": told["after"]}


def _told(figure: str, change: str, row: Row | None, parts: list[Part]) -> dict[str, Any]:
    """Return a figure as it is told, without its value before."""
    return {
        "id": figure,
        "figure_table": _table_of(figure),
        "change": change,
        "unit": None if row is None else row["unit"],
        "synthetic": figure.startswith("synthetic/"),
        "before": None,
        "after": row and {name: row[name] for name in COMPARED},
        "parts": parts,
        "parents": [],
    }


def _part(cause: str, what: Mapping[str, Any]) -> Part:
    deltas = dict.fromkeys(("delta_min", "delta_max", "delta_open"))
    return {"cause": cause, "what": dict(what), **deltas, "n": None, "lines": []}


def _table_of(figure: str) -> str:
    return figure.removeprefix("synthetic/").split("/")[0]


def _in_order(figure: str) -> tuple[int, str]:
    order = list(TABLES)
    name = _table_of(figure)
    return (order.index(name) if name in order else len(order), figure)
