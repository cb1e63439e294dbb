"""Records in blocks: what is plain is parted many lines at a time, the rest row by row, with the same result.

Parting a block at once is trusted only where every character of it is accounted for: fields, delimiters, quotes and
line ends. A block with anything odd in it is read row by row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice, pairwise
from typing import Any

from pipeline.intake.delimited import QUOTE, rows_of_lines
from pipeline.intake.reader import Account, Record

SIZE = 4_096
"""Lines that are parted at once; few, so that they are gone before the collector looks for garbage among them."""

JOINED = 100_000
"""Records of a block as it is written."""


@dataclass(frozen=True)
class Block:
    """Some records in order, column by column: their numbers, lines, and fields."""

    record_nos: Sequence[int]
    line_nos: Sequence[int]
    lines: Sequence[int]
    columns: Sequence[Sequence[str]]

    @classmethod
    def of(cls, records: Sequence[Record]) -> Block:
        """Return a block of records."""
        return cls(
            [r.record_no for r in records],
            [r.line_no for r in records],
            [r.lines for r in records],
            list(zip(*(r.values for r in records), strict=True)),
        )


def blocks_of(records: Iterator[Record]) -> Iterator[Block]:
    """Yield records in blocks."""
    while batch := list(islice(records, SIZE)):
        yield Block.of(batch)


def joined(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the records of blocks in blocks of JOINED and more; none is empty."""
    waiting: Block | None = None
    for block in blocks:
        if not block.record_nos:
            continue
        if waiting is None:
            waiting = Block([], [], [], [[] for _ in block.columns])
        for all_of, more in zip(_parts(waiting), _parts(block), strict=True):
            all_of.extend(more)
        if len(waiting.record_nos) >= JOINED:
            yield waiting
            waiting = None
    if waiting is not None:
        yield waiting


def _parts(block: Block) -> list[Any]:
    return [block.record_nos, block.line_nos, block.lines, *block.columns]


def read_blocks(lines: Iterator[tuple[int, str]], file: str, delimiter: str, account: Account) -> Iterator[Block]:
    """Yield the records on lines below the header in blocks, and fill `account` as `read_records` does.

    Raises Refused where it does.
    """
    while buffer := list(islice(lines, SIZE)):
        block = _at_once(buffer, delimiter, account)
        yield block if block is not None else _row_by_row(buffer, lines, file, delimiter, account)


def _at_once(buffer: Sequence[tuple[int, str]], delimiter: str, account: Account) -> Block | None:
    """Return the records of a block that is plain, else None."""
    texts = [text for _, text in buffer]
    try:
        rows = list(csv.reader(texts, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    if set(map(len, rows)) != {account.width} or not _is_all_there("".join(texts), rows):
        return None
    columns = list(zip(*rows, strict=True))
    if any(not any(map(str.strip, rows[at])) for at, value in enumerate(columns[0]) if not value or value.isspace()):
        return None  # a blank record is put aside
    first, at = account.records + 1, buffer[0][0]
    account.records += len(rows)
    account.physical_lines += len(buffer)
    numbers = range(first, first + len(rows))
    if len(rows) == len(texts):
        return Block(numbers, range(at, at + len(rows)), [1] * len(rows), columns)
    taken = _lines_taken(texts, delimiter)
    return Block(numbers, [at + n for n in accumulate(taken[:-1], initial=0)], taken, columns)


def _lines_taken(texts: Sequence[str], delimiter: str) -> list[int]:
    """Return how many lines each record takes."""
    reader = csv.reader(texts, delimiter=delimiter, strict=True)
    ends = [reader.line_num for _ in reader]
    return [end - start for start, end in pairwise([0, *ends])]


def _is_all_there(text: str, rows: Sequence[Sequence[str]]) -> bool:
    """Return True where fields, delimiters, quotes and line ends are the whole text, and no field has a quote."""
    fields = "".join(chain.from_iterable(rows))
    delimiters = sum(map(len, rows)) - len(rows)
    ends = sum(text.count(end) - fields.count(end) for end in "\r\n")
    return QUOTE not in fields and len(fields) + delimiters + ends + text.count(QUOTE) == len(text)


def _row_by_row(
    buffer: Sequence[tuple[int, str]], lines: Iterator[tuple[int, str]], file: str, delimiter: str, account: Account
) -> Block:
    """Return the records that start in a block; the last may take lines below it."""
    last = buffer[-1][0]
    records = []
    for row in rows_of_lines(chain(buffer, lines), file, delimiter):
        if (record := account.enter(row)) is not None:
            records.append(record)
        if row.line_no + row.lines > last:
            break
    return Block.of(records)
