"""Pairing: the lines of two answers, or of two releases, told apart as equal, revised, gone and new.

Lines of one file pair by where they stand in it. Others pair by equal text, as many times as it stands on both sides,
within one extract first. The rest pair by what a line is known by, such as its crime reference, but only where that
stands once in the whole of each side: forces reuse references, and a join on one that repeats makes several lines of
one. What is left is gone or new. Every line is in exactly one class, so that the parts add up:

    before = equal + revised + gone        after = equal + revised + new

Not here: which answers are compared (vintages.py), and what a pair does to a figure (causes.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb

PLACE = ("extract_id", "record_no", "line_no", "source_column", "part_no")
"""Columns that say where a line, or in a table of counts a cell, stands."""

LABELS = ("period", "offence", "outcome", "platform", "age")
"""The dimensions whose labels lines are compared by; an observation has the column `<dimension>_label` for each."""

_REFERENCE = "trim(reference)"
_LABELS = (
    "concat_ws(chr(31), "
    + ", ".join(f"coalesce({name}_label, '')" for name in LABELS)
    + ", coalesce(other, ''), part_no)"
)
KNOWN_BY = f"case layout when 'records' then nullif({_REFERENCE}, '') else {_LABELS} end"
"""The SQL of what an observation is known by: a record by its reference, a cell of a table of counts by its labels."""

PAIRED = "paired_line"
"""The temporary table of all lines: kind, why, and the numbers of the lines `before` and `after`, null for none."""

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


def known_by_in(observations: str, scope: str) -> str:
    """Return the query of scope and KNOWN_BY of many observations, blank references too, at the least cost.

    Apart for each layout: so the labels of records are not read, and a reference is trimmed once.
    """
    return (
        f"select {scope} as scope, {_REFERENCE} as known_by from {observations} where layout = 'records' "
        f"union all select {scope}, {_LABELS} from {observations} where layout <> 'records'"
    )


def pair_lines(db: duckdb.DuckDBPyConnection, before: str, after: str, columns: Sequence[str]) -> Pairing:
    """Return how the lines of two relations pair, and leave the lines that are not equal in the table CHANGED.

    Both relations have PLACE, `columns` (the text that is compared) and `known_by`, null where a line is known by
    nothing; what that is made of must be among `columns`. Lines of equal text are alike: where one side has more of
    them, the last ones are left over.
    """
    place = ", ".join(PLACE)
    for side, name in ((before, "numbered_before"), (after, "numbered_after")):
        db.execute(
            f"create or replace temp table {name} as select row_number() over (order by {place}) as line, {place}, "
            f"false as same_file, '' as scope, [{', '.join(columns)}]::varchar[] as text, known_by, "
            f"{{{', '.join(f'{name}: {name}' for name in (*PLACE, *columns))}}} as whole from {side}"
        )
    pair_all(db, "numbered_before", "numbered_after")
    db.execute(
        f"create or replace temp table {CHANGED} as select p.kind, p.why, b.whole as before, a.whole as after "
        f"from {PAIRED} p left join numbered_before b on b.line = p.before "
        "left join numbered_after a on a.line = p.after where p.kind <> 'equal'"
    )
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


def _nowhere() -> None:
    """Return that all lines are among those to pair."""


def pair_all(
    db: duckdb.DuckDBPyConnection, before: str, after: str, elsewhere: Callable[[], str | None] = _nowhere
) -> None:
    """Pair the lines of two relations and leave all of them in the table PAIRED.

    Both relations have `line` (a number of its own for each, in order of place), PLACE, `same_file` (the extract is the
    same bytes on both sides), `scope` (only lines of one scope pair), `text` and `known_by`. `elsewhere` gives
    the query of (scope, known_by) of lines that are on both sides and not among these, None where there are none; it is
    asked for only where a line may pair by what it is known by.

    kind: same_line (of one file), equal (text), revised, gone, new; gone_from_file and new_from_file where the line
    still stands in the file, or stood there already, and was not taken.
    """
    db.execute(f"create or replace temp table {PAIRED} (kind varchar, why varchar, before bigint, after bigint)")
    of_file = ("extract_id", "line_no", "source_column", "part_no")
    _match(db, "same_line", before, after, of_file, "same_file")
    _match(db, "equal", before, after, ("scope", "extract_id", "text"), "not same_file")
    _match(db, "equal", before, after, ("scope", "text"), "not same_file")
    _match_known(db, before, after, elsewhere)
    for kind, side, own, other in (("gone", before, "before", after), ("new", after, "after", before)):
        db.execute(
            f"insert into {PAIRED} by name select case when same_file then '{kind}_from_file' else '{kind}' end "
            f"as kind, {_why(other)} as why, line as {own} from {_left(side, own)}"
        )


def _match(
    db: duckdb.DuckDBPyConnection, kind: str, before: str, after: str, keys: Sequence[str], condition: str
) -> None:
    """Pair lines that are left and agree in `keys`, the first with the first."""
    names = ", ".join(keys)
    old, young = (
        f"(select line, {names}, row_number() over (partition by {names} order by line) as nth "
        f"from {_left(side, own)} where {condition})"
        for side, own in ((before, "before"), (after, "after"))
    )
    same = " and ".join(f"b.{key} is not distinct from a.{key}" for key in keys)
    db.execute(
        f"insert into {PAIRED} select '{kind}', null, b.line, a.line from {old} b join {young} a "
        f"on {same} and b.nth = a.nth"
    )


def _match_known(db: duckdb.DuckDBPyConnection, before: str, after: str, elsewhere: Callable[[], str | None]) -> None:
    """Pair lines that are left and are known by what stands once on each side, `elsewhere` included."""
    db.execute(
        "create or replace temp table known_once as "
        f"select b.scope, b.known_by, b.line as before, a.line as after from {_left(before, 'before')} b "
        f"join {_left(after, 'after')} a using (scope, known_by) "
        f"semi join (select scope, known_by from {before} group by all having count(*) = 1) using (scope, known_by) "
        f"semi join (select scope, known_by from {after} group by all having count(*) = 1) using (scope, known_by) "
        "where not b.same_file and not a.same_file"
    )
    if _one(db, "select count(*) from known_once") and (others := elsewhere()) is not None:
        db.execute(
            "create or replace temp table known_once as from known_once anti join "
            # the few are looked for among the many, never the many kept to look the few up in
            f"(from ({others}) semi join known_once using (scope, known_by)) using (scope, known_by)"
        )
    db.execute(f"insert into {PAIRED} select 'revised', null, before, after from known_once")


def _left(side: str, own: str) -> str:
    """Return the subquery of the lines of one side that are in no pair yet."""
    return f"(from {side} s anti join {PAIRED} p on p.{own} = s.line)"


def _uneven(before: str, after: str, columns: Sequence[str]) -> str:
    """Return the query of the texts that do not stand equally often on both sides."""
    if not columns:
        return f"select 1 where (select count(*) from {before}) <> (select count(*) from {after})"
    names = ", ".join(columns)
    return (
        f"select {names} from ("
        f"select {names}, 1 as b, 0 as a from {before} union all select {names}, 0, 1 from {after}) "
        "group by all having sum(b) <> sum(a)"
    )


def _times(side: str) -> str:
    return f"select known_by, count(*) as n from {side} where known_by is not null group by known_by"


def _why(other: str) -> str:
    """Return the expression for why a line found no partner by what it is known by."""
    return (
        f"case when known_by is null then '{NOT_KNOWN}' "
        f"when (scope, known_by) in (select (scope, known_by) from {other} where known_by is not null) "
        f"then '{REPEATS}' else '{NOT_THERE}' end"
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
