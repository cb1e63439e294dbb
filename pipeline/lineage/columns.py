"""Column lineage: which columns a column is made from, up to the extract, and which are made from it.

Here: the walk over what schemas/columns.py and pipeline/figures/sources.py declare. Not here: which rows are behind a
figure (trace), and Dagster's, OpenLineage's and the terminal's ways to show it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from pipeline.figures.catalogue import PRINTED, TABLES, CountedTable, DerivedTable
from pipeline.figures.sources import figure_sources
from schemas.columns import DISCLOSURE, EXTRACT, FIGURE, OBSERVATION, OF_FIGURES, SOURCE_RECORD, Column

RECEIVED, DISCLOSED = "received_extract", "disclosure"
SOURCE, OBSERVED = "source_records", "observations"

Name = tuple[str, str]
"""A column: (asset, column)."""

_LABELLED = frozenset({"offence", "outcome", "platform", "age", "other"})
_LAYERS: Mapping[str, Mapping[str, Column]] = {
    RECEIVED: EXTRACT,
    DISCLOSED: DISCLOSURE,
    SOURCE: SOURCE_RECORD,
    OBSERVED: OBSERVATION,
}


class NoSuchColumn(LookupError):
    """A name that no declaration has; `near` are those that may have been meant."""

    def __init__(self, name: str, near: tuple[str, ...]) -> None:
        meant = f"did you mean {', '.join(near)}?" if near else "`foi lineage` lists the tables"
        super().__init__(f"no column {name}; {meant}")
        self.near = near


@cache
def assets() -> Mapping[str, Mapping[str, Column]]:
    """Return every asset that has columns, in the way of the data, with its columns as declared."""
    tables = {
        name: {
            column: Column(declared.description, declared.unit, sources)
            for column, sources in figure_sources(name).items()
            for declared in [FIGURE.get(column) or OF_FIGURES[column]]
        }
        for name in TABLES
    }
    return MappingProxyType({**_LAYERS, **tables})


def column(asset: str, name: str) -> Column:
    """Return the declaration of a column. Raises NoSuchColumn."""
    try:
        return assets()[asset][name]
    except KeyError:
        raise NoSuchColumn(f"{asset}.{name}", near(f"{asset}.{name}")) from None


def named(text: str) -> Name:
    """Return the column that `asset.column` names. Raises NoSuchColumn, with names that are near."""
    asset, _, name = text.partition(".")
    column(asset, name)
    return asset, name


def near(text: str) -> tuple[str, ...]:
    """Return the columns whose names are most like a text, at most five."""
    from difflib import get_close_matches

    asset, _, name = text.partition(".")
    if asset in assets() and name:
        return tuple(f"{asset}.{found}" for found in get_close_matches(name, assets()[asset], 5, 0.4))
    names = [".".join(c) for c in every_column()] if name else list(assets())
    return tuple(get_close_matches(text, names, 5, 0.6))


def every_column() -> Iterator[Name]:
    """Yield every column of every asset, in the way of the data."""
    for asset, columns in assets().items():
        for name in columns:
            yield asset, name


@cache
def sources_of(asset: str, name: str) -> tuple[Name, ...]:
    """Return the columns that a column is made from, one step up, each once; of the same asset too.

    Raises NoSuchColumn, for the column itself and for a source that is declared and is nowhere.
    """
    found: dict[Name, None] = {}
    for source in column(asset, name).sources:
        above, _, of = source.rpartition(".")
        for table in _tables(asset, above):
            if above == "parents" and of not in assets()[table]:
                continue  # of several parents only some have a dimension
            column(table, of)
            found[(table, of)] = None
    return tuple(found)


def _tables(asset: str, above: str) -> tuple[str, ...]:
    """Return the assets that a source stands in, as it is written in a declaration of `asset`."""
    declared = TABLES.get(asset)
    if above == "parents" and isinstance(declared, DerivedTable):
        return declared.parents
    return (above or asset,)


def inputs_of(asset: str, name: str) -> tuple[Name, ...]:
    """Return the nearest columns of other assets that a column is made from, through those of its own row."""
    found: dict[Name, None] = {}
    for source in sources_of(asset, name):
        for near_one in [source] if source[0] != asset else inputs_of(*source):
            found[near_one] = None
    return tuple(found)


def unseen(asset: str, name: str, already: frozenset[str]) -> frozenset[str]:
    """Return which labels are out of sight above a column, `already` being out of sight below it.

    A counted table takes records, which a label cannot make a total, and printed counts that have exactly its own
    dimensions: a label of any other dimension is in no line that it counts. How much of a table was seen is said of all
    its lines. Printed counts have no free text.
    """
    if name == "complete":
        return frozenset()
    table = TABLES.get(asset)
    if table is PRINTED:
        return already | {"mentions"}
    return already | (_LABELLED - set(table.dimensions)) if isinstance(table, CountedTable) else already


def _in_sight(asset: str, name: str, without: frozenset[str]) -> list[Name]:
    return [s for s in sources_of(asset, name) if not (s[0] == SOURCE and s[1] in without)]


def steps_up(asset: str, name: str) -> Mapping[Name, tuple[Name, ...]]:
    """Return the column and everything above it, up to the extract and its manifest, each with what is one step up.

    Raises NoSuchColumn.
    """
    found: dict[Name, dict[Name, None]] = {}
    visited: set[tuple[Name, frozenset[str]]] = set()
    waiting: list[tuple[Name, frozenset[str]]] = [((asset, name), frozenset())]
    while waiting:
        here, without = waiting.pop(0)
        if (here, without) in visited:
            continue
        visited.add((here, without))
        without = unseen(*here, without)
        above = _in_sight(*here, without)
        found.setdefault(here, {}).update(dict.fromkeys(above))
        waiting += [(source, without) for source in above]
    return {here: tuple(above) for here, above in found.items()}


def steps_down(asset: str, name: str) -> Mapping[Name, tuple[Name, ...]]:
    """Return the column and everything made from it, each with what is one step down. Raises NoSuchColumn."""
    below = ((asset, name), *down(asset, name))
    return {here: tuple(other for other in below if here in sources_of(*other)) for here in below}


def up(asset: str, name: str) -> frozenset[Name]:
    """Return every column that a column is made from, at any distance. Raises NoSuchColumn."""
    return _above(asset, name, frozenset())


@cache
def _above(asset: str, name: str, without: frozenset[str]) -> frozenset[Name]:
    without = unseen(asset, name, without)
    above = _in_sight(asset, name, without)
    return frozenset(above).union(*(_above(*source, without) for source in above))


def down(asset: str, name: str) -> tuple[Name, ...]:
    """Return every column that is made from a column, at any distance, in the way of the data."""
    column(asset, name)
    return tuple(other for other in every_column() if (asset, name) in up(*other))
