"""Records in blocks: the lines of a large file parted many at a time, with the result of reading them row by row.

Reading row by row (`rows_of_lines`, `Account.enter`) is the truth. A block is looked at as bytes: every quote must open
or close a whole field, which says where each record ends. Arrow then parts the records into fields, and what it gives
is taken only where every byte of them is accounted for: fields, delimiters, quotes and line ends. Whatever is odd (a
stray quote, another width, a blank line) is read row by row, and so is a block that does not reconcile.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from pipeline.intake.delimited import QUOTE, lines_of, rows_of_lines
from pipeline.intake.lines import LONGEST
from pipeline.intake.reader import Account, Record, is_blank
from pipeline.intake.rows import Row
from pipeline.intake.text_in_hand import TextInHand, Unreadable

Places = np.ndarray[Any, np.dtype[np.int64]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]
Octets = np.ndarray[Any, np.dtype[np.uint8]]

JOINED = 100_000
"""Records of a block as it is written."""

_LF, _CR, _QUOTE = b"\n"[0], b"\r"[0], QUOTE.encode()[0]


@dataclass(frozen=True)
class Below:
    """The lines of a file to be read: its encoding and delimiter, the first line, and the last one or None."""

    path: Path
    file: str
    encoding: str
    delimiter: str
    first: int
    last: int | None


def read_blocks(below: Below, account: Account) -> Iterator[pa.Table]:
    """Yield the records on lines below the header in order, and fill `account` as `read_records` does.

    The tables have record_no, line_no, lines, f1 ... fN. Raises Refused where reading row by row does.
    """
    text = TextInHand(below.path, below.encoding, below.first, below.last)
    try:
        while text.take_up() or text.held:
            yield _block(text, below, account)
    except Unreadable:
        # row by row shows the line, or reads all of it where only what is below the last line cannot be read
        first = text.first
    else:
        return
    lines = lines_of(below.path, below.file, below.encoding, (first, below.last))
    rows = rows_of_lines(lines, below.file, below.delimiter)
    yield from tables_of((record for row in rows if (record := account.enter(row)) is not None), account.width or 0)


def tables_of(records: Iterator[Record], width: int) -> Iterator[pa.Table]:
    """Yield records in tables as `read_blocks` does."""
    while batch := list(islice(records, JOINED)):
        yield table_of(batch, width)


def table_of(records: Sequence[Record], width: int) -> pa.Table:
    """Return records as a table of `read_blocks`."""
    return _table(
        np.array([r.record_no for r in records], np.int64),
        np.array([r.line_no for r in records], np.int64),
        np.array([r.lines for r in records], np.int32),
        [pa.array([r.values[at] for r in records], pa.string()) for at in range(width)],
    )


def regrouped(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the records of tables in tables of JOINED; only the last may have fewer, and none is empty."""
    waiting: list[pa.Table] = []
    for table in tables:
        waiting.append(table)
        if sum(map(len, waiting)) < JOINED:
            continue
        together = pa.concat_tables(waiting)
        whole = len(together) - len(together) % JOINED
        yield from (together.slice(at, JOINED) for at in range(0, whole, JOINED))
        waiting = [together.slice(whole)]
    if any(map(len, waiting)):
        yield pa.concat_tables(waiting)


def _table(record_nos: Places, line_nos: Places, lines: Any, fields: Sequence[Any]) -> pa.Table:
    names = ["record_no", "line_no", "lines", *_names(len(fields))]
    return pa.table([pa.array(record_nos), pa.array(line_nos), pa.array(lines, pa.int32()), *fields], names=names)


@dataclass(frozen=True)
class _Quotes:
    """The quotes of some lines: their places, the line of each, and whether it may open or close a field there.

    `even` is True for the first, third, ... quote of its line: where the line starts outside a quoted field these open.
    """

    at: Places
    line: Places
    even: Mask
    may_open: Mask
    may_close: Mask
    after_quote: Mask


@dataclass(frozen=True)
class _Lines:
    """Some whole lines that begin with a record: their text, where each ends in it, and the quotes."""

    text: bytes
    ends: Places
    quotes: _Quotes

    @property
    def octets(self) -> Octets:
        """The text as numbers."""
        return np.frombuffer(self.text, np.uint8)

    @classmethod
    def of(cls, text: bytes, ends: Places, delimiter: str) -> _Lines:
        """Return lines with their quotes."""
        octets = np.frombuffer(text, np.uint8)
        at = np.flatnonzero(octets == _QUOTE)
        first_of_line = np.searchsorted(at, np.concatenate(([0], ends[:-1])))
        line = np.repeat(np.arange(len(ends)), np.diff(first_of_line, append=len(at)))
        even = (np.arange(len(at)) - first_of_line[line]) % 2 == 0
        beside = np.zeros(256, np.bool_)
        beside[[_LF, _CR, _QUOTE, ord(delimiter)]] = True
        # above the first line and below the last one is a line end, or none at the end of the file
        before = np.where(at > 0, octets[at - 1], _LF)
        after = np.where(at + 1 < len(octets), octets[np.minimum(at + 1, len(octets) - 1)], _LF)
        return cls(text, ends, _Quotes(at, line, even, beside[before], beside[after], before == _QUOTE))


@dataclass(frozen=True)
class _Spans:
    """The records on some lines: the line on which each begins, 0 for the first, and how many it takes.

    `inside` says of each line whether it starts within a quoted field. `odd` has the rows of those that reading row by
    row had to find the end of, by their place among the records.
    """

    line: Places
    lines: Places
    inside: Mask
    odd: dict[int, Row]

    @property
    def covered(self) -> int:
        """Lines that the records take together."""
        return int(self.lines.sum())


def _block(text: TextInHand, below: Below, account: Account) -> pa.Table:
    """Return the records of the text in hand, account for them, and let go of their lines.

    A last record that does not close in what is in hand stays there, unless it is the first one too.
    """
    lines, first = _Lines.of(text.held, text.ends, below.delimiter), text.first
    spans = _spans(lines, text, below)
    parted = _parted(lines, spans, text, below, account.width or 0)
    if parted is None:
        return _row_by_row(len(lines.ends), text, below, account)
    at, fields, odd = parted
    takes_number = [place for place, row in odd.items() if not is_blank(row)]
    numbers = account.records + 1 + np.arange(len(at)) + np.searchsorted(takes_number, at)
    entered = 0
    for place, row in odd.items():
        above = int(np.searchsorted(at, place))
        account.records += above - entered
        account.enter(row)
        entered = above
    account.records += len(at) - entered
    account.physical_lines += int(spans.lines[at].sum())
    text.let_go(spans.covered)
    return _table(numbers, first + spans.line[at], spans.lines[at], fields)


def _spans(lines: _Lines, text: TextInHand, below: Below) -> _Spans:
    """Return the records on lines, the first that are in hand.

    Most lines are a record each. One with a quoted field that does not close on it is followed to the line on which it
    does; where a quote stands where none may, reading row by row says which lines belong together.
    """
    n, quotes = len(lines.ends), lines.quotes
    begins, inside = np.ones(n, np.bool_), np.zeros(n, np.bool_)
    is_open = np.bincount(quotes.line, minlength=n) % 2 == 1
    broken = _lines_of(quotes, ~np.where(quotes.even, quotes.may_open, quotes.may_close), n)
    broken_inside = _lines_of(quotes, ~np.where(quotes.even, quotes.may_close, quotes.may_open), n)
    closing = np.flatnonzero(is_open | broken_inside).tolist()
    rows: dict[int, Row] = {}
    behind = 0
    for line in np.flatnonzero(is_open | broken).tolist():
        if line < behind:
            continue
        place = bisect_right(closing, line)
        last = closing[place] if place < len(closing) else None
        if last is None and line > 0 and not broken[line]:
            n = line
            break
        closes = last is not None and not broken[line] and not broken_inside[last]
        if last is not None and closes and text.size_of(line, last + 1) <= LONGEST:
            behind = last + 1
            inside[line + 1 : behind] = True
        else:
            rows[line] = _row(line, text, below)
            behind = line + rows[line].lines
        begins[line + 1 : behind] = False
    starts = np.flatnonzero(begins[:n])
    odd = {int(np.searchsorted(starts, line)): row for line, row in rows.items()}
    return _Spans(starts, np.diff(starts, append=max(n, behind)), inside, odd)


def _lines_of(quotes: _Quotes, wanted: Mask, n: int) -> Mask:
    """Return which of `n` lines have a quote that is wanted."""
    found = np.zeros(n, np.bool_)
    found[quotes.line[wanted]] = True
    return found


def _row(line: int, text: TextInHand, below: Below) -> Row:
    """Return the row that begins on a line in hand, as reading row by row has it."""
    return next(rows_of_lines(text.lines_from(line), below.file, below.delimiter))


def _parted(
    lines: _Lines, spans: _Spans, text: TextInHand, below: Below, width: int
) -> tuple[Places, list[Any], dict[int, Row]] | None:
    """Return the places of the records of the table, their fields column by column, and the rows of all others.

    Returns None where not every byte is accounted for.
    """
    bounds = np.concatenate(([0], lines.ends))
    start = bounds[spans.line]
    # an odd row may go on below these lines; its end is not asked for
    end = bounds[np.minimum(spans.line + spans.lines, len(lines.ends))]
    fits = np.ones(len(start), np.bool_)
    fits[list(spans.odd)] = False
    view = memoryview(lines.text)
    pieces = [view[start[first] : end[last]] for first, last in _runs(fits)]
    try:
        table, wrong = _fields(pieces[0] if len(pieces) == 1 else b"".join(pieces), below.delimiter, width)
    except pa.ArrowInvalid:
        return None
    at = np.flatnonzero(fits)
    fits[at[wrong]] = False
    at = np.delete(at, wrong)
    if len(table) != len(at):
        return None
    if blank := _blank(table):
        fits[at[blank]] = False
        at = np.delete(at, blank)
        table = table.take(np.delete(np.arange(len(table)), blank))
    if not _is_all_there(table, lines, spans, start[at], end[at], fits):
        return None
    odd = {
        place: spans.odd.get(place) or _row(int(spans.line[place]), text, below)
        for place in np.flatnonzero(~fits).tolist()
    }
    if any(row.fields is not None and len(row.fields) == width and not is_blank(row) for row in odd.values()):
        return None
    return at, list(table.columns), odd


def _runs(wanted: Mask) -> list[tuple[int, int]]:
    """Return the stretches of True, the places of the first and the last of each."""
    steps = np.diff(wanted.astype(np.int8), prepend=0, append=0)
    first, behind = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    return list(zip(first.tolist(), (behind - 1).tolist(), strict=True))


def _fields(piece: Any, delimiter: str, width: int) -> tuple[pa.Table, list[int]]:
    """Return the fields of some records as Arrow has them, and the places of records that have another width."""
    wrong: list[int] = []

    def note(row: Any) -> str:
        wrong.append(row.number - 1)
        return "skip"

    if not len(piece):
        return pa.table([pa.array([], pa.string())] * width, names=_names(width)), wrong
    try:
        return _by_arrow(piece, delimiter, width, None), wrong
    except pa.ArrowInvalid:
        return _by_arrow(piece, delimiter, width, note), wrong


def _by_arrow(piece: Any, delimiter: str, width: int, note: Callable[[Any], str] | None) -> pa.Table:
    """Return the fields of some records; `note` is told those of another width, without it they are an error."""
    names = _names(width)
    table = pyarrow.csv.read_csv(
        pa.BufferReader(piece),
        # one block, and only one thread says which row it tells of
        read_options=pyarrow.csv.ReadOptions(use_threads=note is None, block_size=len(piece) + 1, column_names=names),
        parse_options=pyarrow.csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
        ),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, quoted_strings_can_be_null=False
        ),
    )
    return table.combine_chunks()


def _names(width: int) -> list[str]:
    return [f"f{at + 1}" for at in range(width)]


_BLANK = np.zeros(256, np.bool_)
_BLANK[[chr(code).encode()[0] for code in range(0x3001) if chr(code).isspace()]] = True
"""Bytes with which a character of white space may begin."""


def _blank(table: pa.Table) -> list[int]:
    """Return the places of records in which no field says anything."""
    may_be, empty = np.ones(len(table), np.bool_), np.ones(len(table), np.bool_)
    for column in table.columns:
        (array,) = column.chunks or [pa.array([], pa.string())]
        _, places, data = array.buffers()
        offsets = np.frombuffer(places, np.int32)[: len(array) + 1]
        first = np.frombuffer(data, np.uint8) if data else np.zeros(1, np.uint8)
        no_text = offsets[:-1] == offsets[1:]
        may_be &= no_text | _BLANK[first[np.minimum(offsets[:-1], len(first) - 1)]]
        empty &= no_text
        if not may_be.any():
            return []
    return [
        at
        for at in np.flatnonzero(may_be).tolist()
        if empty[at] or not any(column[at].as_py().strip() for column in table.columns)
    ]


def _is_all_there(table: pa.Table, lines: _Lines, spans: _Spans, start: Places, end: Places, fits: Mask) -> bool:
    """Return True where fields, delimiters, quotes and line ends are all the bytes of the records that fit.

    `start` and `end` are where these are. In a field that is quoted two quotes are one.
    """
    if not len(table):
        return True
    octets, quotes = lines.octets, lines.quotes
    last = octets[end - 1]
    ended, two = (last == _LF) | (last == _CR), (last == _LF) & (octets[end - 2] == _CR)
    accounted = np.count_nonzero(ended) + np.count_nonzero(two)
    accounted += sum(pc.sum(pc.binary_length(column)).as_py() for column in table.columns)
    accounted += len(table) * (table.num_columns - 1)
    line = quotes.line[quotes.line < spans.covered]  # quotes below are those of a record that stays in hand
    of_these = np.repeat(fits, spans.lines)[line]
    opens = quotes.even[: len(line)] != spans.inside[line]
    doubled = of_these & opens & quotes.after_quote[: len(line)]
    accounted += np.count_nonzero(of_these) - np.count_nonzero(doubled)
    return bool(accounted == (end - start).sum())


def _row_by_row(n: int, text: TextInHand, below: Below, account: Account) -> pa.Table:
    """Return the records that begin on the first `n` lines in hand."""
    rows: list[Row] = []
    taken = 0
    for row in rows_of_lines(text.lines_from(0), below.file, below.delimiter):
        rows.append(row)
        taken += row.lines
        if taken >= n:
            break
    text.let_go(taken)
    return table_of([record for row in rows if (record := account.enter(row)) is not None], account.width or 0)
