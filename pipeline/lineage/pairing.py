"""Pairing: the lines of two answers, told apart as equal, revised, gone and new.

Lines pair by equal text, as many times as it stands on both sides. The rest pair by what a line is known by, such as
its crime reference, but only where that stands once in the whole of each answer: forces reuse references, and a join on
one that repeats makes several lines of one. What is left is gone or new. Every line is in exactly one class, so that
the parts add up:

    before = equal + revised + gone        after = equal + revised + new

Not here: which answers are compared (vintages.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

PLACE = ("extract_id", "record_no", "line_no", "source_column", "part_no")
"""Columns that say where a line, or in a table of counts a cell, stands."""

CHANGED = "changed_line"
"""The temporary table of what is not equal: kind, why, and `before` and `after`, each with its place and its text."""

NOT_KNOWN = "has no reference"
NOT_THERE = "is not in the other answer"
REPEATS = "stands more than once"
"""Why a line is left over: what it is known by is missing, is not on the other side, or repeats on one of them."""


@dataclass(frozen=True)
class Repeats:
    """One answer: lines known by nothing, how many references (or labels) repeat, and the lines that share them."""

    without: int
    repeated: int
    lines: int


@dataclass(frozen=True)
class Change:
    """A value of a column that became another, and on how many revised lines."""

    column: str
    before: str | None
    after: str | None
    n: int


@dataclass(frozen=True)
class Pairing:
    """How the lines of two answers pair, in numbers; `why_gone` and `why_new` say why lines are left over.

    `columns` has the columns that revised lines differ in, with how many do. `nothing_else` is True where all lines
    are equal but for these columns. A join on what lines are known by would make `joined` rows of `joined_from` lines.
    """

    before: int
    after: int
    equal: int
    revised: int
    gone: int
    new: int
    why_gone: dict[str, int]
    why_new: dict[str, int]
    columns: dict[str, int]
    changes: tuple[Change, ...]
    nothing_else: bool
    repeats: tuple[Repeats, Repeats]
    joined_from: int
    joined: int


def pair_lines(db: duckdb.DuckDBPyConnection, before: str, after: str, columns: Sequence[str]) -> Pairing:
    """Return how the lines of two relations pair, and leave the lines that are not equal in the table CHANGED.

    Both relations have PLACE, `columns` (the text that is compared) and `known_by`, null where a line is known by
    nothing; what that is made of must be among `columns`. Lines of equal text are alike: where one side has more of
    them, the last ones are left over.
    """
    db.execute(f"create or replace temp table {CHANGED} as {_changed(before, after, columns)}")
    sizes = [_one(db, f"select count(*) from {side}") for side in (before, after)]
    kinds = _counts(db, f"select kind, count(*) from {CHANGED} group by kind")
    revised, gone, new = (kinds.get(kind, 0) for kind in ("revised", "gone", "new"))
    differ = {c: _one(db, f"select count(*) from {CHANGED} where {_revised(c)}") for c in columns}
    changed = {c: n for c, n in differ.items() if n}
    others = [c for c in columns if c not in changed]
    joined_from, joined = _joined(db, before, after)
    return Pairing(
        before=sizes[0],
        after=sizes[1],
        equal=sizes[0] - revised - gone,
        revised=revised,
        gone=gone,
        new=new,
        why_gone=_counts(db, f"select why, count(*) from {CHANGED} where kind = 'gone' group by why order by why"),
        why_new=_counts(db, f"select why, count(*) from {CHANGED} where kind = 'new' group by why order by why"),
        columns=changed,
        changes=tuple(change for column in changed for change in _changes(db, column)),
        nothing_else=_one(db, f"select count(*) from ({_uneven(before, after, others)})") == 0,
        repeats=(_repeats(db, before), _repeats(db, after)),
        joined_from=joined_from,
        joined=joined,
    )


def _changed(before: str, after: str, columns: Sequence[str]) -> str:
    """Return the query of the lines that are not equal: revised ones with both sides, gone and new ones with one."""
    line = f"{{{', '.join(f'{name}: {name}' for name in (*PLACE, *columns))}}}"
    return (
        f"with uneven as ({_uneven(before, after, columns)}),\n"
        f"rest_before as ({_rest(before, columns)}),\n"
        f"rest_after as ({_rest(after, columns)}),\n"
        f"times_before as ({_times(before)}),\n"
        f"times_after as ({_times(after)}),\n"
        "once as (select known_by from times_before join times_after a using (known_by)"
        " where times_before.n = 1 and a.n = 1),\n"
        f"old as (select known_by, {line} as line from rest_before),\n"
        f"young as (select known_by, {line} as line from rest_after)\n"
        "select 'revised' as kind, null as why, old.line as before, young.line as after"
        " from old join young using (known_by) semi join once using (known_by)\n"
        f"union all select 'gone', {_why('times_after')}, line, null from old anti join once using (known_by)\n"
        f"union all select 'new', {_why('times_before')}, null, line from young anti join once using (known_by)"
    )


def _uneven(before: str, after: str, columns: Sequence[str]) -> str:
    """Return the query of the texts that do not stand equally often on both sides, with how often on both at least."""
    if not columns:
        return f"select 1 where (select count(*) from {before}) <> (select count(*) from {after})"
    names = ", ".join(columns)
    return (
        f"select {names}, least(sum(b), sum(a)) as paired from ("
        f"select {names}, 1 as b, 0 as a from {before} union all select {names}, 0, 1 from {after}) "
        "group by all having sum(b) <> sum(a)"
    )


def _rest(side: str, columns: Sequence[str]) -> str:
    """Return the query of the lines of one side that no line of equal text is left for on the other."""
    same = " and ".join(f"side.{name} is not distinct from uneven.{name}" for name in columns)
    texts, place = (", ".join(f"side.{name}" for name in names) for names in (columns, PLACE))
    return (
        f"select side.* from {side} as side join uneven on {same} "
        f"qualify row_number() over (partition by {texts} order by {place}) > uneven.paired"
    )


def _times(side: str) -> str:
    return f"select known_by, count(*) as n from {side} where known_by is not null group by known_by"


def _why(other: str) -> str:
    """Return the expression for why a line found no partner by what it is known by."""
    return (
        f"case when known_by is null then '{NOT_KNOWN}' "
        f"when known_by in (select known_by from {other}) then '{REPEATS}' else '{NOT_THERE}' end"
    )


def _revised(column: str) -> str:
    return f"kind = 'revised' and before.{column} is distinct from after.{column}"


def _changes(db: duckdb.DuckDBPyConnection, column: str) -> list[Change]:
    """Return which values of a column became which, the most frequent first."""
    query = (
        f"select before.{column}, after.{column}, count(*) from {CHANGED} where {_revised(column)} "
        "group by all order by 3 desc, 1, 2"
    )
    return [Change(column, *row) for row in db.execute(query).fetchall()]


def _repeats(db: duckdb.DuckDBPyConnection, side: str) -> Repeats:
    without = _one(db, f"select count(*) from {side} where known_by is null")
    repeated = _row(db, f"select count(*), coalesce(sum(n), 0)::bigint from ({_times(side)}) where n > 1")
    return Repeats(without, *repeated)


def _joined(db: duckdb.DuckDBPyConnection, before: str, after: str) -> tuple[int, int]:
    """Return how many lines a join on what lines are known by would start from and end with, without joining a line."""
    query = (
        "select coalesce(sum(b.n), 0)::bigint, coalesce(sum(b.n * a.n), 0)::bigint "
        f"from ({_times(before)}) b join ({_times(after)}) a using (known_by)"
    )
    return _row(db, query)


def _one(db: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(db.execute(query).fetchall()[0][0])


def _row(db: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int]:
    first, second = db.execute(query).fetchall()[0]
    return int(first), int(second)


def _counts(db: duckdb.DuckDBPyConnection, query: str) -> dict[str, int]:
    return dict(db.execute(query).fetchall())
