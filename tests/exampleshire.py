"""The made-up disclosure of Exampleshire Police (synthetic): untidy like real ones, none of them true.

Run as `python -m tests.exampleshire` to write raw/exampleshire/ anew. No force has published the record-level
answer that the project starts from, so this one stands in for it; its bad rows are known, for tests, and
`records` makes more rows of the same kind, for benchmarks.
Not here: anything that reads or judges the files (pipeline/), the tests of what is promised here
(test_exampleshire.py).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Literal

NAME = "exampleshire/ex-foi-24-000001"
COMPLAINTS = "complaints.csv"
NO_REFERENCE = "complaints_no_reference.csv"
MANIFEST = "disclosure.yaml"
REQUESTED = (
    "Roblox", "TikTok", "OnlyFans", "Facebook", "Instagram", "Twitter/X", "Snapchat", "WhatsApp", "LinkedIn",
    "YouTube",
)  # fmt: skip
HEADER = ("Crime Reference", "Offence", "Month of Offence", "Platform", "Victim Age", "Case Status")
HEADER_NO_REFERENCE = ("Offence Type", "Month", "Social Media Platform", "Age of Victim", "Outcome")
# Both files end in these five, so that one negative index serves rows with and without a reference.
OFFENCE, MONTH, PLATFORM, AGE, STATUS = -5, -4, -3, -2, -1

Row = tuple[str, ...]
Rule = Literal["width", "period"]


@dataclass(frozen=True)
class BadRow:
    """A record that cannot be counted, and why.

    `line_no` is the physical line on which it starts; `record_no` counts all records of the file from 1, bad
    ones included, header and blank lines not.
    """

    file: str
    line_no: int
    record_no: int
    rule: Rule
    what: str


@dataclass(frozen=True)
class Exampleshire:
    """The whole disclosure: bytes and number of records by file name, and the rows that must be rejected."""

    files: dict[str, bytes]
    records: dict[str, int]
    bad_rows: tuple[BadRow, ...]


@dataclass(frozen=True)
class Lot:
    """Labels to draw from, each as often as its weight says."""

    labels: tuple[str, ...]
    ends: tuple[int, ...]

    def draw(self, rng: Random) -> str:
        """Return one label. Nothing but rng.random() is used here: Python promises to keep its sequence."""
        return self.labels[bisect_right(self.ends, int(rng.random() * self.ends[-1]))]


def _lot(weights: dict[str, int]) -> Lot:
    return Lot(tuple(weights), tuple(accumulate(weights.values())))


_PLATFORMS = _lot(
    {
        "Facebook": 300, "Snapchat": 230, "Instagram": 160, "WhatsApp": 130, "TikTok": 80, "Twitter/X": 40,
        "YouTube": 18, "OnlyFans": 14, "Roblox": 14, "LinkedIn": 8,
    }
)  # fmt: skip
_SPELLINGS = {
    "Facebook": _lot({"Facebook": 80, "facebook": 8, "FB": 8, "Face book": 2}),
    "Snapchat": _lot({"Snapchat": 1}),
    "Instagram": _lot({"Instagram": 90, "Instagram (Meta)": 3, "Instgram": 4}),
    "WhatsApp": _lot({"WhatsApp": 60, "Whatsapp": 25, "WHATSAPP": 6, "What's App": 6, "WA": 3}),
    "TikTok": _lot({"TikTok": 50, "Tik Tok": 15, "Tiktok": 12, "Tik-Tok": 5, "tiktok": 8, "TIKTOK": 8}),
    "Twitter/X": _lot({"Twitter": 55, "Twitter/X": 20, "X": 15, "X (formerly Twitter)": 10}),
    "YouTube": _lot({"YouTube": 70, "Youtube": 20, "You Tube": 10}),
    "OnlyFans": _lot({"OnlyFans": 60, "Only Fans": 40}),
    "Roblox": _lot({"Roblox": 1}),
    "LinkedIn": _lot({"LinkedIn": 70, "Linkedin": 30}),
}
_CELLS = _lot(
    {"one": 830, "two": 100, "three": 12, "": 30, "Facbook": 6, "Insta/snap?": 5, "MSN??": 5}
)  # what a platform cell holds; "" and the last three as they stand
_SEPARATORS = _lot({", ": 40, " / ": 25, " & ": 20, "; ": 8, " and ": 5, "/": 6})
_OFFENCES = _lot(
    {
        "Malicious Communications": 280, "8R - Malicious Communications": 90, "Mal Comms": 20,
        "Harassment": 190, "8L - Harassment": 120, "Stalking": 60, "8Q - Stalking": 40, "Sexual Grooming": 50,
        "Sexual Communication with a child": 40, "Blackmail": 60, "Threats to Kill": 20, "HO 8/72": 12,
        "008/72": 12, "8/30": 6, "HO 8/66": 6, "EX-LOC 14 Online Nuisance": 12, "": 5,
    }
)  # fmt: skip
_STATUSES = _lot(
    {
        "Arrest and charge": 70, "Arrest - no charge": 90, "No arrest": 190, "NFA": 110, "arrest": 8,
        "Under investigation": 70, "Charged/Summonsed": 45, "Charged": 12, "1A": 3,
        "Type 1a - Charged/Summonsed (Alternate offence)": 5, "Type 3 - Adult Caution": 10,
        "Type 8 - Community Resolution": 30, "Type 14 - Suspect not identified - Victim Unsupportive": 50,
        "Outcome 15 - Evidential difficulties: suspect identified; victim supports action": 70,
        "Outcome 16 - Evidential difficulties: suspect identified; "
        "victim does not support further action": 110,
        "Type 16 - Named Suspect - Victim Unsupportive": 60, "Type 18 - No Suspect Identified": 120,
        "OC15": 10, "k. No crime": 6, "": 30, "99": 4, "#N/A": 4, "See OEL": 4, "SUSPECT (INTERVIEWED)": 4,
    }
)  # fmt: skip
_AGES = _lot(
    {
        "single": 850, "": 35, "Unknown": 20, "NK": 12, "N/A": 8, "12-15": 14, "16-17": 10, "18-24": 12,
        "25-34": 8, "60+": 5, "15-Dec": 6, "-1": 5, "999": 5,
    }
)  # fmt: skip
_NOTATIONS = _lot({"{short}-{yy:02}": 70, "{long} 20{yy:02}": 12, "20{yy:02}-{mm:02}": 10, "01/{mm:02}/20{yy:02}": 8})
_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip

# Months are counted from January 2020 = 0. The weights grow by the year; October 2024 has 17 days.
_OCTOBER_2024 = 57
_X_SINCE = 42  # July 2023: before that nobody wrote X
_RECORDS = {COMPLAINTS: 1_300, NO_REFERENCE: 700}
_MONTH_ENDS = tuple(accumulate([20] * 12 + [26] * 12 + [32] * 12 + [40] * 12 + [46] * 9 + [25]))


def records(n: int, seed: int, *, per_victim: bool = True, last_month: int = _OCTOBER_2024) -> Iterator[Row]:
    """Yield `n` rows under HEADER, in the order of recording: none is bad, most are untidy. Holds no rows.

    `per_victim`: about one row in 25 repeats the crime before it for a second victim. About one in 150 bears
    the reference of another crime. No field holds a line end.
    """
    rng = Random(seed)
    given: Counter[int] = Counter()  # references given out, by two-digit year
    recent: deque[Row] = deque(maxlen=60)
    for number in range(n):
        if per_victim and recent and rng.random() < 0.04:
            row = _replaced(recent[-1], AGE, _age(rng, recent[-1]))
        else:
            share = (number + rng.random()) / n
            recorded = bisect_right(_MONTH_ENDS, int(share * _MONTH_ENDS[last_month]))
            row = _crime(rng, recorded)
            if recent and rng.random() < 0.007 and _differ(recent[0], row):
                row = (recent[0][0], *row)
            else:
                year = 20 + recorded // 12
                given[year] += 1
                row = (f"EX/{year}/{given[year]:06}", *row)
        recent.append(row)
        yield row


def line(fields: Iterable[str], end: str = "\n") -> str:
    """Return one CSV line, quoted where it must be and nowhere else, whatever a version of csv would do."""
    return ",".join(_quoted(f) for f in fields) + end


def generate() -> Exampleshire:
    """Return the disclosure, the same bytes every time and on every Python."""
    rows = records(_RECORDS[COMPLAINTS], 20_241_017)
    complaints, bad = _file(COMPLAINTS, HEADER, rows, "\r\n", _ODDITIES)
    rows = records(_RECORDS[NO_REFERENCE], 20_241_018, per_victim=False, last_month=_OCTOBER_2024 - 1)
    rows = (row[1:] for row in rows)
    other, other_bad = _file(NO_REFERENCE, HEADER_NO_REFERENCE, rows, "\n", _ODDITIES_NO_REFERENCE)
    files = {COMPLAINTS: b"\xef\xbb\xbf" + complaints, NO_REFERENCE: other}
    files[MANIFEST] = _manifest(files).encode()
    return Exampleshire(files, dict(_RECORDS), (*bad, *other_bad))


def write(folder: Path) -> None:
    """Write the three files into `folder`, which should be <raw>/NAME for the manifest to be accepted."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in generate().files.items():
        (folder / name).write_bytes(content)


@dataclass(frozen=True)
class _Oddity:
    """What is done to the row at one place; `rule` is None where the row stays good."""

    what: str
    rule: Rule | None
    do: Callable[[Row], Row]


def _replaced(row: Row, at: int, value: str) -> Row:
    at %= len(row)
    return (*row[:at], value, *row[at + 1 :])


def _month_oddity(what: str, month: str) -> _Oddity:
    return _Oddity(what, "period", lambda row: _replaced(row, MONTH, month))


_SHORT = _Oddity("the last two fields are missing", "width", lambda row: row[:-2])
_LONG = _Oddity(
    "two platforms with a comma and no quotes", "width",
    lambda row: (*row[:PLATFORM], "Facebook", " Instagram", *row[AGE:]),
)  # fmt: skip
_TBC = _month_oddity("month TBC", "TBC")
_NO_MONTH = _month_oddity("month blank", "")
_NO_SUCH_DAY = _month_oddity("month 31/02/2021", "31/02/2021")
_NEWLINE = _Oddity(
    "a line end inside quotes", None,
    lambda row: _replaced(row, STATUS, "Under investigation\n(awaiting phone download)"),
)  # fmt: skip
_QUOTES = _Oddity(
    "a comma and quotes inside quotes", None,
    lambda row: _replaced(row, OFFENCE, 'Harassment, "course of conduct"'),
)  # fmt: skip
# By record number; bad rows stand both before and after the blank line and the line ends inside quotes. Such
# a line end is a bare LF, in the file of CRLF lines too, as spreadsheets write it.
_ODDITIES = {
    77: _SHORT, 205: _NEWLINE, 311: _TBC, 402: _NO_SUCH_DAY, 555: _QUOTES, 689: _LONG, 813: _NO_MONTH,
    1_024: _NEWLINE, 1_100: _TBC, 1_299: _SHORT,
}  # fmt: skip
_ODDITIES_NO_REFERENCE = {
    1: _TBC, 98: _NEWLINE, 99: _LONG, 250: _QUOTES, 251: _NO_MONTH, 431: _NO_SUCH_DAY, 600: _SHORT,
}  # fmt: skip


def _file(
    name: str, header: Row, rows: Iterable[Row], end: str, oddities: dict[int, _Oddity]
) -> tuple[bytes, list[BadRow]]:
    """Return the file, with a blank line after record 350 and one at the end, and the bad rows in it."""
    text, line_no, bad = [line(header, end)], 2, []
    for record_no, row in enumerate(rows, start=1):
        if oddity := oddities.get(record_no):
            row = oddity.do(row)
            if oddity.rule:
                bad.append(BadRow(name, line_no, record_no, oddity.rule, oddity.what))
        text.append(line(row, end) + (end if record_no == 350 else ""))
        line_no += text[-1].count("\n")
    return ("".join(text) + end).encode(), bad


def _quoted(field: str) -> str:
    if any(c in field for c in ',"\n\r'):
        return '"' + field.replace('"', '""') + '"'
    return field


def _crime(rng: Random, recorded: int) -> Row:
    """Return offence, month, platform, age and status of one crime that was recorded in that month."""
    late = int(rng.random() * 12) if rng.random() < 0.15 else 0
    month = recorded - late  # below 0 = 2019, in an answer that was to begin with 2020
    row = (_OFFENCES.draw(rng), _month(rng, month), _platform(rng, month), "", _status(rng, recorded))
    return _replaced(row, AGE, _age(rng, row))


def _month(rng: Random, month: int) -> str:
    name = _MONTH_NAMES[month % 12]
    return _NOTATIONS.draw(rng).format(short=name[:3], long=name, yy=20 + month // 12, mm=month % 12 + 1)


def _platform(rng: Random, month: int) -> str:
    cell = _CELLS.draw(rng)
    if cell == "one":
        label = _SPELLINGS[_PLATFORMS.draw(rng)].draw(rng)
        return "Twitter" if "X" in label and month < _X_SINCE else label
    if cell not in {"two", "three"}:
        return cell
    named: list[str] = []
    while len(named) < (2 if cell == "two" else 3):
        platform = _PLATFORMS.draw(rng).removesuffix("/X")
        if platform not in named:
            named.append(platform)
    return _SEPARATORS.draw(rng).join(named)


def _age(rng: Random, row: Row) -> str:
    age = _AGES.draw(rng)
    if age != "single":
        return age
    if row[OFFENCE].startswith("Sexual") or row[PLATFORM] == "Roblox":
        return str(8 + int(8 * max(rng.random(), rng.random())))
    return str(11 + int(70 * min(rng.random(), rng.random())))


def _status(rng: Random, recorded: int) -> str:
    recent = recorded > _OCTOBER_2024 - 6
    return "Under investigation" if recent and rng.random() < 0.4 else _STATUSES.draw(rng)


def _differ(row: Row, other: Row) -> bool:
    """Whether both are clearly different crimes: no offence, month or platform cell holds the other's."""
    return not any(row[at] in other[at] or other[at] in row[at] for at in (OFFENCE, MONTH, PLATFORM))


def _manifest(files: dict[str, bytes]) -> str:
    canonical = ("offence", "period", "platform", "age", "outcome")
    records_table = _table(
        "records", "areas North and Central, a row per victim", "crime_x_victim", "2024-10-17",
        dict(zip(("reference", *canonical), HEADER, strict=True)), COMPLAINTS, files[COMPLAINTS],
    )  # fmt: skip
    no_reference_table = _table(
        "records-no-reference", "area Coast, a row per crime", "crime", "2024-09-30",
        dict(zip(canonical, HEADER_NO_REFERENCE, strict=True)), NO_REFERENCE, files[NO_REFERENCE],
    )  # fmt: skip
    return f"""\
# Written by `python -m tests.exampleshire`: change that, not this.
force: exampleshire
reference: EX/FOI/24/000001
title: "Exampleshire Police (synthetic): complaints linked to ten online platforms, 2020 to 2024"
received: 2024-10-17
responded: 2024-11-14
decision: full
holding: all
answers: [{{question: platform-complaints-2020-24, decision: full}}]
caveats:
  - id: invented
    text: "Invented by a program to test this project: there is no such force, and no row is about a person."
  - id: no-reference
    text: "Rows without a reference, of another area: no crime can be looked for in the other table."
    tables: [records-no-reference]
rights: {{holder: this project, statement_at: tests/exampleshire.py, bytes_may_leave: yes}}
tables:
{records_table}{no_reference_table}"""


def _table(table: str, where: str, record_is: str, end: str, columns: dict[str, str], file: str, content: bytes) -> str:
    said = "".join(f"\n      {name}: {header}" for name, header in columns.items())
    terms = "".join(f"\n        - {{text: {p}, platform: {p}}}" for p in REQUESTED)
    sha256 = hashlib.sha256(content).hexdigest()
    return f"""\
  - id: {table}
    population: complaints of crime linked to a requested platform, made-up {where}
    question: platform-complaints-2020-24
    layout: records
    record_is: {record_is}
    evidence: synthetic
    sensitivity: record
    date_basis: committed
    covers: {{basis: calendar, start: 2020-01-01, end: {end}, said_at: tests/exampleshire.py}}
    as_at: 2024-10-17
    columns:{said}
    search:
      scope: complaints recorded as crimes
      field: the platform as an officer wrote it
      method: made up
      combine: each
      terms:{terms}
    extracts:
      - {{file: {file}, sha256: {sha256}, encoding: utf-8, header_line: 1}}
"""


if __name__ == "__main__":
    write(Path(__file__).parents[1] / "raw" / NAME)
