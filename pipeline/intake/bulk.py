"""The fast path: DuckDB reads a large clean file as text, and every byte of the file is then accounted for.

DuckDB drops an empty field at the end of a row and blanks around quotes without a word. So what it read is taken only
where its records, the line ends and the bytes of the file reconcile exactly; everything else is left to the exact
reader, which gives the same result, only slower.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.intake.lines import Survey
from pipeline.store.duck import memory, parquet, quoted_path
from pipeline.store.files import written

SMALLEST = 4 << 20
"""Bytes of the smallest file that is worth a second reader."""

_NO_FIELD = "\x01no field is this\x02"
_BLANKS = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))
_BLANKS += "\u2028\u2029\u202f\u205f\u3000"
"""What Python takes for white space: a record of nothing else is a blank line to the exact reader."""


def is_plain(seen: Survey, delimiter: str, width: int) -> bool:
    """Return True where a file may be read in bulk: large UTF-8 with one kind of line end and no NUL."""
    return (
        seen.size >= SMALLEST
        and seen.encoding in {"utf-8", "utf-8-sig"}
        and not seen.nuls
        and not seen.lone_cr
        and (seen.crlf == 0 or seen.crlf == seen.lines - (not seen.ended))
        and width > 1
        and len(delimiter) == 1
    )


def read_in_bulk(path: Path, target: Path, seen: Survey, delimiter: str, width: int, skip: int) -> int | None:
    """Write the fields of all records below `skip` lines to Parquet as f1 ... fN, in file order; return how many.

    Returns None, and writes nothing, where records, line ends or bytes do not reconcile.
    """
    head = _head(path, skip, seen.encoding)
    names = [f"f{at + 1}" for at in range(width)]
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    source = (
        f"read_csv('{quoted_path(path)}', auto_detect = false, header = false, skip = {skip}, columns = {{{columns}}}, "
        f"delim = '{delimiter}', quote = '\"', escape = '\"', comment = '', nullstr = '{_NO_FIELD}', "
        "strict_mode = true, null_padding = false, ignore_errors = false, parallel = true)"
    )
    bytes_read = " + ".join(f"strlen({name})" for name in names)
    any_quote = " or ".join(f"contains({name}, '\"')" for name in names) if seen.quotes else "false"
    blanks = ", ".join(f"'{character}'" for character in _BLANKS)
    all_blank = " and ".join(f"({name} = '' or {name}[1] in ({blanks}))" for name in names)
    try:
        with memory() as db, written(target) as temporary:
            db.execute(f"copy (from {source}) to '{quoted_path(temporary)}' (format parquet)")
            records, field_bytes, doubtful = db.execute(
                f"select count(*), sum({bytes_read}), count(*) filter (({any_quote}) or ({all_blank})) "
                f"from {parquet(temporary)}"
            ).fetchall()[0]
            ends = (records - (not seen.ended)) * (2 if seen.crlf else 1)
            quotes = seen.quotes - head.count(b'"')
            accounted = len(head) + (field_bytes or 0) + records * (width - 1) + ends + quotes
            if doubtful or records != seen.lines - skip or accounted != seen.size:
                raise _NotPlain
            return int(records)
    except (duckdb.Error, _NotPlain):
        return None


def _head(path: Path, lines: int, encoding: str) -> bytes:
    """Return what stands above the records as it is: the byte order mark and the first lines."""
    with path.open("rb") as stream:
        mark = stream.read(3) if encoding == "utf-8-sig" else b""
        return mark + b"".join(stream.readline() for _ in range(lines))


class _NotPlain(Exception):
    """Raised so that what was written is dropped."""
