"""`foi read` on damaged files: the one right reading, or a refusal in words; no line lost, no traceback."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.cli import main
from tests.intake.damage import CASES, AnyOf, Case, Exactly, Refused

LINE = re.compile("[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")
LINE_END = re.compile("\r\n|\n|\r")
SIGN = re.compile("[\r\n,;\t|]")
TOTALS = {"total", "grand total", "sum"}
NOT_TEXT = " \t\x0b\x0c\ufeff"


# --- running the verb


def invoked(path: Path, *options: str) -> Result:
    """Run the verb on a file; nothing but an exit may leave it."""
    result = CliRunner().invoke(main, ["read", str(path), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return result


def answer(path: Path, *options: str) -> dict[str, Any]:
    """Return the one JSON document of the verb; its shape and the exit code fit each other."""
    result = invoked(path, "--json", *options)
    document: dict[str, Any] = json.loads(result.stdout)
    if "refused" in document:
        assert result.exit_code == 1
        assert set(document) == {"refused"}
        assert set(document["refused"]) == {"line_no", "reason"}
        assert document["refused"]["reason"].strip()
        line = document["refused"]["line_no"]
        assert line is None or (isinstance(line, int) and line >= 1)
    else:
        assert result.exit_code == 0
        wanted = {"encoding", "delimiter", "header_line", "columns", "records", "rejected", "set_aside"}
        assert wanted <= set(document) <= wanted | {"warnings"}
        assert all(set(record) == {"record_no", "line_no", "values"} for record in document["records"])
        assert all(set(e) == {"line_no", "rule", "text"} for e in document["rejected"] + document["set_aside"])
    return document


# --- what an independent splitter makes of the same bytes


@dataclass(frozen=True)
class Piece:
    """One entry of the answer with the physical lines it stands for."""

    line_no: int
    lines: int
    rule: str
    entry: dict[str, Any]


def decoded(data: bytes, declared: str | None = None) -> str:
    """Return the text of a file as the rules decode it. Raises UnicodeError."""
    marks = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
    mark = next((m for m in marks if data.startswith(m)), b"")
    if mark and not declared:
        return data[len(mark) :].decode(marks[mark])
    if declared:
        return data.decode(declared)
    try:
        return data.decode("utf-8")
    except UnicodeError:
        return data.decode("cp1252")


def without_end(line: str) -> str:
    """Return a line without its last line end."""
    return line[:-2] if line.endswith("\r\n") else line[:-1] if line.endswith(("\n", "\r")) else line


def split(line: str, delimiter: str | None) -> tuple[str, ...] | None:
    """Return the fields of one record by RFC 4180, or None where a quote stands where none may."""
    mark = re.escape(delimiter) if delimiter else r"(?!)"
    unquoted = f'[^"{re.escape(delimiter or "")}]*'
    one = re.compile(f'(?:"((?:[^"]|"")*+)"|({unquoted}))({mark}|\\Z)')
    fields: list[str] = []
    at = 0
    while True:
        found = one.match(line, at)
        if found is None:
            return None
        fields.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        if found[3] == "":
            return tuple(fields)
        at = found.end()


def pieces(document: dict[str, Any]) -> Iterator[Piece]:
    """Yield the entries of an answer with the number of lines that their own text takes."""
    for record in document["records"]:
        lines = 1 + sum(len(LINE_END.findall(value)) for value in record["values"])
        yield Piece(record["line_no"], lines, "record", record)
    for entry in document["rejected"] + document["set_aside"]:
        yield Piece(entry["line_no"], 1 + len(LINE_END.findall(entry["text"])), entry["rule"], entry)


def unaccounted(document: dict[str, Any], data: bytes, options: tuple[str, ...] = ()) -> list[str]:
    """Return what an answer leaves out, doubles or changes of the file; nothing where all of it is accounted for."""
    declared = dict(zip(options[::2], options[1::2], strict=True))
    try:
        text = decoded(data, declared.get("--encoding"))
    except UnicodeError as error:
        return [f"read although it cannot be decoded: {error}"]
    if "\0" in text:
        return ["read although it holds NUL"]
    lines = LINE.findall(text)
    found = sorted(pieces(document), key=lambda piece: piece.line_no)
    faults = []
    next_line = 1
    for piece in found:
        if piece.line_no != next_line:
            faults.append(f"line {next_line} expected next, {piece.rule} is at {piece.line_no}")
        raw = "".join(lines[piece.line_no - 1 : piece.line_no - 1 + piece.lines])
        faults += _misread(piece, without_end(raw), document, declared)
        next_line = piece.line_no + piece.lines
    if next_line != len(lines) + 1:
        faults.append(f"the file has {len(lines)} lines, accounted are {next_line - 1}")
    return faults + _misnumbered(found) + _misplaced(found, document)


def _misread(piece: Piece, raw: str, document: dict[str, Any], declared: dict[str, str]) -> list[str]:
    """Return what is wrong with one entry, given its lines without the last line end."""
    at = f"{piece.rule} at line {piece.line_no}"
    fields = split(raw, document["delimiter"])
    width = len(document["columns"] or ()) or None
    if piece.rule == "record":
        values = tuple(piece.entry["values"])
        faults = [] if fields == values else [f"{at}: values are not those of its lines"]
        return faults + ([] if width in {None, len(values)} else [f"{at}: {len(values)} values, {width} columns"])
    faults = [] if piece.entry["text"] == raw else [f"{at}: text is not that of its lines"]
    narrower = fields is None or width is None or len(fields) < width or "--header-line" in declared
    holds = {
        "width": fields is not None and len(fields) != width,
        "quote": fields is None,
        "blank": fields is not None and not any(value.strip() for value in fields),
        "sep": piece.line_no == 1 and raw.lower().startswith("sep="),
        "header": names(fields or ()) == names(document["columns"] or ()),
        "total": any(value.strip().lower() in TOTALS for value in fields or ()),
        "title": narrower,
        "note": narrower,
    }
    return faults if holds.get(piece.rule) else [*faults, f"{at}: the rule does not hold for {raw[:60]!r}"]


def names(fields: Iterable[str]) -> list[str]:
    """Return the names of a header, by which it is known when it is repeated."""
    return [value.strip(NOT_TEXT).casefold() for value in fields]


def _misnumbered(found: list[Piece]) -> list[str]:
    """Return a fault where record_no does not count records, rejected ones and total rows from 1."""
    counted = [p for p in found if p.rule in {"record", "width", "quote", "total"}]
    numbers = [(n, p.entry["record_no"]) for n, p in enumerate(counted, 1) if p.rule == "record"]
    return [f"record_no {given}, should be {n}" for n, given in numbers if n != given][:1]


def _misplaced(found: list[Piece], document: dict[str, Any]) -> list[str]:
    """Return a fault where a title stands below the header, a note above a record, or the header elsewhere."""
    headers = [p.line_no for p in found if p.rule == "header"]
    records = [p.line_no for p in found if p.rule == "record"]
    faults = []
    if (headers[:1] or [0]) != [document["header_line"] or 0]:
        faults.append(f"header_line {document['header_line']}, set aside as header {headers}")
    if headers and any(p.rule == "title" and p.line_no > headers[0] for p in found):
        faults.append("a title below the header")
    if records and any(p.rule == "note" and p.line_no < records[-1] for p in found):
        faults.append("a note above a record")
    if headers and records and records[0] < headers[0]:
        faults.append("a record above the header")
    return faults


# --- the cases


def unmet(expected: Exactly | Refused, document: dict[str, Any]) -> list[str]:
    """Return in what an answer differs from one expectation, shortly: values may be a megabyte long."""
    refused = document.get("refused")
    if isinstance(expected, Refused):
        if refused is None:
            return [f"should be refused, is read with columns {_short(document['columns'])}"]
        reason = refused["reason"]
        faults = [f"reason has no {word!r}: {reason}" for word in expected.words if not _said(word, reason)]
        if expected.line not in {None, refused["line_no"]}:
            faults.append(f"refused at line {refused['line_no']}, should be {expected.line}: {reason}")
        return faults
    if refused is not None:
        return [f"should be read, is refused at line {refused['line_no']}: {refused['reason']}"]
    got = {
        "columns": tuple(document["columns"] or ()),
        "records": {r["line_no"]: tuple(r["values"]) for r in document["records"]},
        "set aside": {e["line_no"]: e["rule"] for e in document["set_aside"]},
        "rejected": {e["line_no"]: e["rule"] for e in document["rejected"]},
        "delimiter": document["delimiter"] if expected.delimiter else None,
        "encoding": codecs.lookup(document["encoding"]).name if expected.encoding else None,
    }
    wanted = {
        "columns": got["columns"] if expected.columns is None else expected.columns,
        "records": dict(expected.records),
        "set aside": dict(expected.aside),
        "rejected": dict(expected.rejected),
        "delimiter": expected.delimiter,
        "encoding": expected.encoding,
    }
    faults = [f"{k}: should be {_short(wanted[k])}, is {_short(got[k])}" for k in wanted if wanted[k] != got[k]]
    if expected.columns is None and document["header_line"] not in {0, None}:
        faults.append(f"header_line {document['header_line']}, should be none")
    return faults


def _said(pattern: str, reason: str) -> bool:
    return re.search(pattern, reason, re.IGNORECASE) is not None


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) < 300 else shown[:300] + "…"


def fails(case: Case, document: dict[str, Any]) -> list[str]:
    """Return why an answer is not the one, or one of those, that a case expects."""
    answers = case.expected.answers if isinstance(case.expected, AnyOf) else (case.expected,)
    faults = [unmet(expected, document) for expected in answers]
    if not all(faults):
        return [] if "refused" in document else unaccounted(document, case.data, case.options)
    return ["; or ".join(map(" and ".join, faults))]


def written(folder: Path, data: bytes) -> Path:
    path = folder / "extract.csv"
    path.write_bytes(data)
    return path


def test_there_are_many_cases_each_with_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_damaged_file_is_read_rightly_or_refused(tmp_path: Path, case: Case) -> None:
    document = answer(written(tmp_path, case.data), *case.options)
    assert fails(case, document) == []


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_without_json_it_is_shown_or_refused_with_the_same_exit(tmp_path: Path, case: Case) -> None:
    path = written(tmp_path, case.data)
    shown = invoked(path, *case.options)
    assert shown.exit_code == invoked(path, "--json", *case.options).exit_code
    assert shown.output.strip()


def test_a_guess_of_cp1252_is_said_and_a_declared_one_is_not(tmp_path: Path) -> None:
    path = written(tmp_path, b"Offence,Count\n\xa35 fine,1\n")
    guessed = invoked(path, "--json")
    declared = invoked(path, "--json", "--encoding", "cp1252")
    assert json.loads(guessed.stdout)["encoding"] == "cp1252"
    assert guessed.stderr + str(json.loads(guessed.stdout).get("warnings") or "") != ""
    assert declared.stderr + str(json.loads(declared.stdout).get("warnings") or "") == ""


# --- places that are no file


def refusal(path: Path, *options: str) -> str:
    document = answer(path, *options)
    assert "refused" in document
    reason: str = document["refused"]["reason"]
    return reason


def test_a_folder_a_missing_file_and_links_are_refused_in_words(tmp_path: Path) -> None:
    file = written(tmp_path, b"Offence,Count\nHarassment,12\n")
    for name, target in {"link.csv": file, "dangling.csv": tmp_path / "nowhere", "folder": tmp_path}.items():
        (tmp_path / name).symlink_to(target)
        assert re.search("link", refusal(tmp_path / name), re.IGNORECASE), name
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    assert re.search("link", refusal(tmp_path / "loop.csv"), re.IGNORECASE)
    assert re.search("folder|directory", refusal(tmp_path), re.IGNORECASE)
    missing = "no such|not found|missing|does not exist|no file"
    assert re.search(missing, refusal(tmp_path / "missing.csv"), re.IGNORECASE)
    assert re.search(f"{missing}|folder|directory", refusal(file / "below.csv"), re.IGNORECASE)
    assert refusal(tmp_path / ("long" * 100))


def test_a_file_whose_name_is_not_unicode_is_read_and_refused_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / b"caf\xe9.csv".decode("utf-8", "surrogateescape")
    path.write_bytes(b"Offence,Count\nHarassment,12\n")
    assert answer(path)["columns"] == ["Offence", "Count"]
    path.write_bytes(b"2021,2022\n1,2\n")
    assert "header cannot be proved" in refusal(path)


def test_options_that_make_no_sense_are_refused_or_are_errors_of_usage(tmp_path: Path) -> None:
    path = written(tmp_path, b"Offence,Count\nHarassment,12\n")
    senseless = (
        ("--encoding", "klingon"),
        ("--encoding", "base64"),
        ("--encoding", ""),
        ("--delimiter", ""),
        ("--delimiter", '"'),
        ("--delimiter", "\n"),
        ("--delimiter", ",;"),
        ("--header-line", "-1"),
        ("--header-line", "one"),
    )
    for options in senseless:
        result = invoked(path, "--json", *options)
        assert result.exit_code in {1, 2}, options
        assert result.exit_code == 2 or "refused" in json.loads(result.stdout), options


# --- what holds for every table

WORDS = ("Offence", "Platform", "Outcome", "Age group", "Force", "Remarks")
TITLES = st.text(st.sampled_from("abc £'-:.5"), min_size=1, max_size=12).filter(lambda t: any(c in "abc" for c in t))
VALUES = st.text(
    st.sampled_from("ab0,;|\t\" '\n\r£–\u2028\x85\ufeff\x1a")
    | st.characters(codec="utf-8", exclude_characters="\0")
    | st.sampled_from("ab0 ."),
    max_size=8,
)
ENCODINGS = {
    "utf-8": (b"", "utf-8"),
    "utf-8 with mark": (codecs.BOM_UTF8, "utf-8"),
    "utf-16-le with mark": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "utf-16-be with mark": (codecs.BOM_UTF16_BE, "utf-16-be"),
    "cp1252": (b"", "cp1252"),
}


def is_plain_record(row: list[str]) -> bool:
    """Return True where a row is neither blank nor a total row."""
    return any(c.isascii() and c.isalnum() for v in row for c in v) and not any(
        v.strip().lower() in TOTALS for v in row
    )


@dataclass(frozen=True)
class Table:
    """A table as somebody may have sent it."""

    sep: bool
    titles: list[str]
    blank_above: int
    rows: list[list[str]]
    footnotes: list[str]
    delimiter: str
    line_end: str
    quote_all: bool
    last_end: bool
    encoding: str


@st.composite
def tables(draw: st.DrawFn) -> Table:
    width = draw(st.integers(1, 5))
    header = list(draw(st.permutations(WORDS)))[:width]
    values = draw(st.sampled_from([VALUES, st.text("abcdef0123 .£", min_size=1, max_size=8)]))
    row = st.lists(values, min_size=width, max_size=width).filter(is_plain_record)
    rows = draw(st.lists(row, min_size=1, max_size=6))
    lines = st.lists(TITLES, max_size=2) if width > 1 else st.just([])
    return Table(
        sep=draw(st.booleans()) and draw(st.booleans()),
        titles=draw(lines),
        blank_above=draw(st.integers(0, 2)),
        rows=[header, *rows],
        footnotes=draw(lines),
        delimiter=draw(st.sampled_from(",;\t|")),
        line_end=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        # the csv module leaves some line ends unquoted; a careful writer then quotes everything, and one column
        # with unquoted delimiters is also a table below a title
        quote_all=draw(st.booleans()) or any((LINE_END if width > 1 else SIGN).search(v) for r in rows for v in r),
        last_end=draw(st.booleans()),
        encoding=draw(st.sampled_from(sorted(ENCODINGS))),
    )


def record_text(table: Table, row: list[str]) -> str:
    stream = io.StringIO(newline="")
    csv.writer(
        stream,
        delimiter=table.delimiter,
        lineterminator=table.line_end,
        quoting=csv.QUOTE_ALL if table.quote_all else csv.QUOTE_MINIMAL,
    ).writerow(row)
    return stream.getvalue()


def laid_out(table: Table) -> tuple[str, Exactly]:
    """Return the text of a table and the one right reading of it."""
    parts: list[tuple[str, str, tuple[str, ...]]] = []
    if table.sep:
        parts.append(("sep", f"sep={table.delimiter}{table.line_end}", ()))
    parts += [("title", record_text(table, [title]), ()) for title in table.titles]
    parts += [("blank", table.line_end, ())] * table.blank_above
    rules = ["header", *["record"] * (len(table.rows) - 1)]
    parts += [(rule, record_text(table, row), tuple(row)) for rule, row in zip(rules, table.rows, strict=True)]
    parts += [("note", record_text(table, [note]), ()) for note in table.footnotes]
    records, aside = {}, {}
    line_no = 1
    for rule, text, values in parts:
        if rule == "record":
            records[line_no] = values
        else:
            aside[line_no] = rule
        line_no += len(LINE_END.findall(text))
    whole = "".join(text for _, text, _ in parts)
    whole = whole if table.last_end else whole.removesuffix(table.line_end)
    return whole, Exactly(tuple(table.rows[0]), records, aside)


def is_beyond_doubt(table: Table, text: str) -> bool:
    """Return True where no rule gives leave to refuse: one delimiter, letters anybody can see, no second header."""
    others = set(",;\t|") - {table.delimiter}
    if len(table.rows[0]) == 1:
        others.add(table.delimiter)
    inside = text.removeprefix(f"sep={table.delimiter}")
    numbers = [any(value.isdigit() for value in row) for row in table.rows[1:]]
    # where some records have numbers, one that has none may be another header
    mixed = any(c.isdigit() for row in table.rows[1:] for v in row for c in v) and not any(
        all(row[at].isascii() and row[at].isdigit() for row in table.rows[1:]) for at in range(len(table.rows[0]))
    )
    return (
        not others & set(inside)
        and not mixed
        and not any(c in inside for c in ":^~")
        and "  " not in inside
        and all(c.isprintable() or c in "\n\r\t" for c in inside)
        # a first record of words may be a second line of the header; below a line of one field, where no record has
        # a number, header and records may be one column of lists
        and (numbers[0] or not (table.titles or any(c.isdigit() for r in table.rows[1:] for v in r for c in v)))
    )


def is_mixed(data: bytes) -> bool:
    """Return True where bytes that are not UTF-8 have letters that are: some neighbours in cp1252, such as `Â´`."""
    try:
        data.decode()
    except UnicodeDecodeError:
        marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return not marked and not data.decode(errors="ignore").isascii()
    return False


@settings(max_examples=400, deadline=None)
@given(tables())
def test_a_table_that_a_csv_writer_wrote_is_read_equal_at_its_lines_or_refused(
    tmp_path_factory: pytest.TempPathFactory, table: Table
) -> None:
    text, expected = laid_out(table)
    mark, encoding = ENCODINGS[table.encoding]
    try:
        data = mark + text.encode(encoding)
    except UnicodeEncodeError:
        data = text.encode()
    if decoded(data) != text:
        return  # cp1252 letters that are UTF-8 by chance: no rule can tell
    document = answer(written(tmp_path_factory.getbasetemp(), data))
    if "refused" not in document:
        assert unmet(expected, document) == []
        assert unaccounted(document, data) == []
    else:
        assert is_mixed(data) or not is_beyond_doubt(table, text), document["refused"]


# --- what holds for every file

CLEAN = '''Crimes by platform

Offence,Platform,Remarks,Count
Harassment,Facebook,"seen, then
reported",12
Stalking,"Twitter ""X""",£5 – paid,7
Threats,Snapchat,,3
Total,,,22

1. Recorded crimes only
Source: Example Police
'''
CLEAN_FILES = {
    "LF": CLEAN.encode(),
    "CR LF, semicolons": CLEAN.replace(",", ";").replace("\n", "\r\n").encode(),
    "CR, cp1252": CLEAN.replace("\n", "\r").encode("cp1252"),
    "UTF-8 mark, tabs": codecs.BOM_UTF8 + CLEAN.replace(",", "\t").encode(),
    "UTF-16": codecs.BOM_UTF16_LE + CLEAN.encode("utf-16-le"),
}
NASTY = st.sampled_from(
    [b'"', b",", b"\n", b"\r", b"\r\n", b'""', b'","', b"\x85", b"\xa3", b"\xc2", b";", b"\t", b" "],
)
PLACE = st.integers(0, 999)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("delete"), PLACE, st.integers(1, 20)),
        st.tuples(st.just("insert"), PLACE, NASTY | st.binary(min_size=1, max_size=3)),
        st.tuples(st.just("flip"), PLACE, st.integers(0, 7)),
        st.tuples(st.just("duplicate"), PLACE, st.integers(1, 60)),
        st.tuples(st.just("truncate"), PLACE, st.just(0)),
    ),
    min_size=1,
    max_size=3,
)


def changed(data: bytes, changes: list[tuple[str, int, Any]]) -> bytes:
    """Return the file after these accidents; a place is a number of thousandths of the file."""
    for kind, place, what in changes:
        at = len(data) * place // 1000
        before, after = data[:at], data[at:]
        if kind == "delete":
            data = before + after[what:]
        elif kind == "insert":
            data = before + what + after
        elif kind == "flip":
            data = before + bytes([after[0] ^ (1 << what)]) + after[1:] if after else before
        elif kind == "duplicate":
            data = before + after[:what] + after
        else:
            data = before
    return data


@pytest.mark.parametrize("name", CLEAN_FILES)
def test_the_clean_files_are_read_whole(tmp_path: Path, name: str) -> None:
    document = answer(written(tmp_path, CLEAN_FILES[name]))
    assert [r["line_no"] for r in document["records"]] == [4, 6, 7]
    assert [r["record_no"] for r in document["records"]] == [1, 2, 3]
    aside = {1: "title", 2: "blank", 3: "header", 8: "total", 9: "blank", 10: "note", 11: "note"}
    assert {e["line_no"]: e["rule"] for e in document["set_aside"]} == aside
    assert document["rejected"] == []
    assert unaccounted(document, CLEAN_FILES[name]) == []


@pytest.mark.parametrize("part", ["records", "rejected", "set_aside"])
def test_the_account_sees_every_entry_that_is_lost_doubled_moved_or_changed(tmp_path: Path, part: str) -> None:
    data = CLEAN_FILES["LF"].replace(b"Threats,", b"Threats,too,many,")
    document = answer(written(tmp_path, data))
    assert unaccounted(document, data) == []
    for at, entry in enumerate(document[part]):
        what = "values" if part == "records" else "text"
        altered = [entry[what][0] + "x", *entry[what][1:]] if part == "records" else entry[what] + "x"
        for others in ([], [entry, entry], [{**entry, "line_no": entry["line_no"] + 1}], [{**entry, what: altered}]):
            wrong = {**document, part: [*document[part][:at], *others, *document[part][at + 1 :]]}
            assert unaccounted(wrong, data) != [], (entry, others)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(sorted(CLEAN_FILES)), CHANGES)
def test_after_any_accident_every_line_is_accounted_for_or_the_file_is_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, changes: list[tuple[str, int, Any]]
) -> None:
    data = changed(CLEAN_FILES[name], changes)
    document = answer(written(tmp_path_factory.getbasetemp(), data))
    if "refused" in document:
        line = document["refused"]["line_no"]
        assert line is None or line <= max(1, data.count(b"\n") + data.count(b"\r") + 1)
    else:
        assert unaccounted(document, data) == []
