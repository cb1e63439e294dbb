"""Finding a figure in the release in force, and what it is made of: its definition, formula and parents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from pipeline.figures.catalogue import CHARGE_RATE, COVERAGE, PLATFORM_SHARE, PRINTED, TABLES, YEAR_CHANGE
from pipeline.store.duck import ask
from pipeline.store.places import Places
from pipeline.store.releases import ReleaseFile, current_release

SYNTHETIC = "synthetic/"
"""How the id of a made-up figure begins."""


class NotFound(Exception):
    """Raised where there is no release, or no such figure, file or line in it; says what to do."""


def release_in_force(places: Places) -> ReleaseFile:
    """Return the release in force; raises NotFound where nothing is published yet."""
    release = current_release(places)
    if release is None:
        raise NotFound("nothing is published yet; run `foi refresh`")
    return release


def release_words(db: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return what a release says of itself: number, digest, published_at."""
    return ask(db, "select number, digest, published_at from release_info")[0]


def table_of(figure_id: str) -> str:
    """Return the name of the figure table that an id begins with."""
    return figure_id.removeprefix(SYNTHETIC).split("/")[0]


def find_figure(db: duckdb.DuckDBPyConnection, figure_id: str) -> dict[str, Any]:
    """Return a figure with the columns of its table; raises NotFound with the ids near to it."""
    name = table_of(figure_id)
    if name not in TABLES:
        raise NotFound(f"no figure table {name!r}; there are {', '.join(TABLES)}")
    found = ask(db, f"from {name} where id = ?", [figure_id])
    if found:
        return found[0]
    by_likeness = f"select id from {name} order by jaro_winkler_similarity(id, ?) desc, id limit 3"
    near = [row["id"] for row in ask(db, by_likeness, [figure_id])]
    hint = f"; near to it: {', '.join(near)}" if near else ""
    number = release_words(db)["number"]
    raise NotFound(f"no figure {figure_id!r} in release {number}{hint}; `foi figures {name}` lists them")


def find_figures(db: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return figures that are there by id, each with the columns of its table, in the order given."""
    by_table: dict[str, list[str]] = {}
    for figure_id in ids:
        by_table.setdefault(table_of(figure_id), []).append(figure_id)
    found = {
        row["id"]: row
        for name, named in by_table.items()
        for row in ask(db, f"from {name} where id in ({marks(named)})", named)
    }
    return {figure_id: found[figure_id] for figure_id in ids}


def parents_of(db: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the figures a figure is derived from, in its own order, each with its own parents under `parents`."""
    parents = find_figures(db, figure.get("parents") or ())
    return [{**parent, "parents": parents_of(db, parent)} for parent in parents.values()]


def counted_behind(figure: dict[str, Any], parents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the counted figures at the root of a figure, each once: itself, where it is counted."""
    if not parents:
        return [figure]
    roots = [root for parent in parents for root in counted_behind(parent, parent["parents"])]
    return list({root["id"]: root for root in roots}.values())


def in_short(parents: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return parents by what a list of figures says of them, each with its own."""
    return [{**short(parent), "parents": in_short(parent["parents"])} for parent in parents]


def short(figure: dict[str, Any]) -> dict[str, Any]:
    """Return a figure by what a list of figures says of it."""
    return {k: figure[k] for k in ("id", "value", "value_min", "value_max", "unit", "n")}


def definition(db: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return what a figure table counts, in words."""
    return str(ask(db, "select definition from definition where name = ?", [name])[0]["definition"])


def formula(figure: dict[str, Any], parents: Sequence[dict[str, Any]]) -> str | None:
    """Return how a derived figure is made of its parents, with their values put in; None of what is counted.

    A value that is not known stands there as `?`, an interval as `1..4` or `3201..`.
    """
    table = TABLES[table_of(figure["id"])]
    if table is YEAR_CHANGE:
        earlier, later = (_interval(parent) for parent in parents)
        return f"100 x (later - earlier) / earlier = 100 x ({later} - {earlier}) / {earlier}"
    if table is PLATFORM_SHARE or table is CHARGE_RATE:
        numerator, denominator = (_known(figure[k]) for k in ("numerator", "denominator"))
        return f"100 x numerator / denominator = 100 x {numerator} / {denominator}"
    if parents:
        return "the sum of its parents = " + " + ".join(_interval(parent) for parent in parents)
    if table is PRINTED:
        return "the cell as it is printed"
    if table is COVERAGE:
        return "the number of extracts held"
    return None


def _interval(figure: dict[str, Any]) -> str:
    if figure["value"] is not None or figure["value_min"] is None:
        return _known(figure["value"])
    return f"{figure['value_min']}..{'' if figure['value_max'] is None else figure['value_max']}"


def _known(value: Any) -> str:
    return "?" if value is None else str(value)


def why_no_lines(db: duckdb.DuckDBPyConnection, figure: dict[str, Any]) -> str:
    """Return why a figure without lines has none."""
    if figure["reason"] == "zero by absence":
        return "no record of the table has this platform and period, which the table covers: a zero by absence"
    if TABLES[table_of(figure["id"])] is COVERAGE:
        return "it counts extracts, not lines"
    if ids := figure.get("parents"):
        absent = ask(db, f"select count(*) as n from figure where n = 0 and id in ({marks(ids)})", ids)[0]["n"]
        if absent == len(ids):
            return "each of its parents is a zero by absence: the table covers them and no record has them"
    return str(figure["reason"] or "it has no lines")


def marks(values: Sequence[Any]) -> str:
    """Return placeholders, one a value."""
    return ", ".join("?" * len(values))
