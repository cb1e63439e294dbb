"""The lines behind changed figures: observations of both sides from their store files, in pairs.

Only extracts whose store files differ are looked at. Where the file was read to the same source records, only lines
with a label that is now read otherwise; where that does not explain a figure, changes.py looks at them all.

Leaves the temporary tables `before_line` and `after_line` (observations, numbered) and `line_pair` (pair, kind, before,
after), and those of counted.py. Not here: what lines add to figures (counted.py), and why a pair adds something
(causes.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.figures import sql
from pipeline.lineage.changes.counted import add_up, make_cells
from pipeline.lineage.changes.figures import SIDES, Compared, NotComparable, name_table
from pipeline.lineage.pairing import KNOWN_BY, LABELS, PAIRED, PLACE, known_by_in, pair_all
from pipeline.store.duck import ask
from pipeline.store.places import Places
from pipeline.store.withdrawals import withdrawn_bytes

TEXTS = (*(f"{name}_label" for name in LABELS), "other", "printed", "reference")
"""The columns of an observation that are text as the file has it."""


_SCOPE = "layout || '/' || disclosure || '/' || table_id"
"""The SQL of what two lines must have in common to pair, all lines of an extract the same."""

_OF_LABEL = ("code", "rule", "source")
"""What a reference table, or the code, made of a label."""


@dataclass(frozen=True)
class Stored:
    """One extract of one side: which table it is of, its file, and the store files it was read to."""

    extract_id: str
    disclosure: str
    table_id: str
    file: str
    same_bytes: tuple[str, str | None]
    observations: str
    buckets: str
    source: str


@dataclass(frozen=True)
class Extracts:
    """The extracts of both sides, and those that are looked at: all whose observations are not the same file.

    `withdrawn` are those of the one side that were withdrawn before the other.
    """

    before: Mapping[str, Stored]
    after: Mapping[str, Stored]
    withdrawn: frozenset[str]

    def of(self, side: str) -> Mapping[str, Stored]:
        """Return the extracts of one side."""
        return self.before if side == "before" else self.after

    @property
    def looked_at(self) -> frozenset[str]:
        """Extracts that are on one side only, or were read to other observations."""
        return frozenset(
            name
            for name in self.before.keys() | self.after.keys()
            if (own := self.before.get(name)) is None
            or (other := self.after.get(name)) is None
            or own.observations != other.observations
        )

    @property
    def same_file(self) -> frozenset[str]:
        """Extracts whose lines are the same bytes on both sides."""
        both = self.before.keys() & self.after.keys()
        return frozenset(name for name in both if self.before[name].same_bytes == self.after[name].same_bytes)

    @property
    def same_source(self) -> frozenset[str]:
        """Extracts that were read to the same source records on both sides."""
        both = self.before.keys() & self.after.keys()
        return frozenset(name for name in both if self.before[name].source == self.after[name].source)


def extracts_of(db: duckdb.DuckDBPyConnection, places: Places, compared: Compared) -> Extracts:
    """Return the extracts of both sides. Raises TornTombstones where what was withdrawn cannot be read."""
    before, after = (_stored(db, compared, side) for side in SIDES)
    gone = withdrawn_bytes(places)
    lost = () if compared.answers else (e for name, e in before.items() if name not in after)
    return Extracts(before, after, frozenset(e.extract_id for e in lost if e.same_bytes[0] in gone))


def _stored(db: duckdb.DuckDBPyConnection, compared: Compared, side: str) -> dict[str, Stored]:
    """Return the extracts of one side by id."""
    paths: dict[str, dict[str, str]] = {}
    query = f"from {side}.store_file where layer in ('observations', 'buckets', 'source')"
    for row in ask(db, query):
        paths.setdefault(row["name"], {})[row["layer"]] = row["path"]
    only = compared.disclosure(side)
    return {
        row["extract_id"]: Stored(
            **{name: row[name] for name in ("extract_id", "disclosure", "table_id", "file")},
            **paths[row["extract_id"]],
            same_bytes=(row["sha256"], row["address"]),
        )
        for row in ask(db, f"from {side}.extract order by extract_id")
        if only in (None, row["disclosure"])
    }


def labels_read_otherwise(columns: str) -> str:
    """Return the query of labels of an extract that mean something else than before, or stand on one side only."""
    differ = " or ".join(f"b.{name} is distinct from a.{name}" for name in (*_OF_LABEL, "level", "status"))
    return (
        f"select {columns} from before.label b full join after.label a using (extract_id, dimension, label) "
        f"where {differ}"
    )


def pair_observations(
    db: duckdb.DuckDBPyConnection, places: Places, compared: Compared, extracts: Extracts, *, every_line: bool
) -> None:
    """Make the tables of this module; raises NotComparable where store files are gone or of another form."""
    sides = [side for side in SIDES if extracts.looked_at & extracts.of(side).keys()]
    name_table(db, "of_same_file", "extract_id", extracts.same_file)
    name_table(db, "of_same_source", "extract_id", frozenset() if every_line else extracts.same_source)
    columns = ", ".join(
        f"{s}.{name} as {side}_{name}" for s, side in zip("ba", SIDES, strict=True) for name in _OF_LABEL
    )
    query = labels_read_otherwise(f"extract_id, dimension, label, {columns}")
    db.execute(f"create or replace temp table read_otherwise as {query}")
    for side in sides:
        _load(db, places, compared, extracts, side)
    for side in set(SIDES) - set(sides):
        other = "after" if side == "before" else "before"
        for table in (f"{side}_line", f"{side}_cell"):
            db.execute(f"create or replace temp table {table} as from {table.replace(side, other)} limit 0")
    _pair(db, places, compared, extracts)
    add_up(db)


def pair_kinds(db: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return how many lines that were looked at are not the same on both sides, by kind of pair."""
    query = (
        "select kind, count(*) as n from line_pair where kind not in ('same_line', 'equal') group by kind order by 1"
    )
    return {row["kind"]: row["n"] for row in ask(db, query)}


def _load(db: duckdb.DuckDBPyConnection, places: Places, compared: Compared, extracts: Extracts, side: str) -> None:
    """Make `<side>_line`, its observations in order of place, and `<side>_cell`, the figures they are counted in."""
    own = extracts.of(side)
    chosen = [own[name] for name in sorted(own.keys() & extracts.looked_at)]
    observations = [_there(places, extract.observations, extract) for extract in chosen]
    buckets = [_there(places, extract.buckets, extract) for extract in chosen]
    place = ", ".join(PLACE)
    scope = "layout || '/' || table_id" if compared.answers else _SCOPE
    otherwise = " or ".join(
        f"(extract_id, {name}_label) in (select (extract_id, label) from read_otherwise where dimension = '{name}')"
        for name in LABELS
    )
    with _of_this_version(compared, side):
        sql.load_relations(db, observations, buckets)
        db.execute(
            f"create or replace temp table {side}_line as "
            f"select row_number() over (order by {place}) as line, *, {scope} as scope, "
            "extract_id in (from of_same_file) as same_file from observation "
            f"where extract_id not in (from of_same_source) or {otherwise}"
        )
        make_cells(db, compared, side)


@contextmanager
def _of_this_version(compared: Compared, side: str) -> Iterator[None]:
    """Raise NotComparable where store files of one side cannot be read inside."""
    try:
        yield
    except (duckdb.Error, ValueError) as error:
        raise NotComparable(
            f"the observations of release {compared.releases[SIDES.index(side)].number} have other columns than this "
            f"version of the code reads ({str(error).splitlines()[0]}): it was made by another version; compare "
            "releases made since, or refresh first"
        ) from error


def _there(places: Places, path: str, extract: Stored) -> Path:
    full = places.warehouse / path
    if not full.exists():
        raise NotComparable(
            f"{path}, which a release lists for {extract.extract_id}, is not in the warehouse: its lines cannot be "
            "compared; rebuild with `foi refresh` and compare releases made since"
        )
    return full


def _pair(db: duckdb.DuckDBPyConnection, places: Places, compared: Compared, extracts: Extracts) -> None:
    """Pair the lines of both sides; a column that one side of a table lacks is not compared."""
    for side in SIDES:
        present = ", ".join(f"count({name}) > 0 as has_{name}" for name in TEXTS)
        db.execute(
            f"create or replace temp table {side}_present as select scope, {present} from {side}_line group by scope"
        )
    text = ", ".join(f"case when b.has_{name} and a.has_{name} then {name} end" for name in TEXTS)
    for side in SIDES:
        db.execute(
            f"create or replace temp table {side}_text as select line, {', '.join(PLACE)}, same_file, l.scope, "
            f"[{text}]::varchar[] as text, {KNOWN_BY} as known_by from {side}_line l "
            "left join before_present b using (scope) left join after_present a using (scope)"
        )
    pair_all(db, "before_text", "after_text", lambda: _elsewhere(db, places, compared, extracts))
    db.execute(
        "create or replace temp table line_pair as "
        f"select row_number() over (order by before, after) as pair, kind, before, after from {PAIRED}"
    )


def _elsewhere(db: duckdb.DuckDBPyConnection, places: Places, compared: Compared, extracts: Extracts) -> str | None:
    """Return the query of what lines of the same tables are known by that are not looked at, None where none are."""
    tables = {(e.disclosure, e.table_id) for n in extracts.looked_at for s in SIDES if (e := extracts.of(s).get(n))}
    rest = [
        e for n, e in extracts.after.items() if n not in extracts.looked_at and (e.disclosure, e.table_id) in tables
    ]
    if not rest:
        return None
    with _of_this_version(compared, "after"):
        sql.load_relations(db, [_there(places, e.observations, e) for e in rest], [])
    return known_by_in("observation", _SCOPE)
