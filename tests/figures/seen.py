"""What tests look at: the figures of a build, by the dimensions that a person would name them by."""

from __future__ import annotations

from typing import Any

from pipeline.figures.builder import read_figures
from pipeline.figures.catalogue import TABLES
from pipeline.publication.build import Build

Figure = dict[str, Any]


def figures(build: Build, table: str, **where: Any) -> list[Figure]:
    """Return the figures of a table whose columns have the given values, in order of id."""
    assert not build.refusals, [r.reason for r in build.refusals]
    found = read_figures(build.figures(table).path)
    return [f for f in found if all(f[k] == v for k, v in where.items())]


def only(build: Build, table: str, **where: Any) -> Figure:
    """Return the one figure with the given values."""
    found = figures(build, table, **where)
    assert len(found) == 1, [f["id"] for f in found]
    return found[0]


def values(build: Build, table: str, *keys: str, **where: Any) -> dict[Any, Any]:
    """Return the value of each figure by the given columns (by one column: the plain value)."""
    found = figures(build, table, **where)
    result = {(f[keys[0]] if len(keys) == 1 else tuple(f[k] for k in keys)): f["value"] for f in found}
    assert len(result) == len(found), "the keys do not tell the figures apart"
    return result


def interval(figure: Figure) -> tuple[Any, Any, Any]:
    """Return (value, value_min, value_max)."""
    return figure["value"], figure["value_min"], figure["value_max"]


def every_figure(build: Build) -> dict[str, Figure]:
    """Return all figures of all tables by id."""
    found = [f | {"figure_table": name} for name in TABLES for f in figures(build, name)]
    by_id = {f["id"]: f for f in found}
    assert len(by_id) == len(found), "an id stands there twice"
    return by_id
