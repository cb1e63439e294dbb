"""Damaged and awkward delimited files, each with the only readings of it that are safe.

A case says what the file must be read as, to the line, or that it must be refused. `AnyOf` stands where more than one
answer is safe; a reading that nobody could notice to be wrong is never among them. Cases whose name ends in
"(unprovable)" hold a file in which no rule can tell data from title or header: there the literal reading stands beside
the refusal, because it shows what it took for the header.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class Exactly:
    """The file is read: the values of each record by its line, the rule of each line that is no record by its line.

    `columns` None means no header. `encoding` and `delimiter` are held to only where given.
    """

    columns: tuple[str, ...] | None
    records: Mapping[int, tuple[str, ...]]
    aside: Mapping[int, str] = field(default_factory=lambda: {1: "header"})
    rejected: Mapping[int, str] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None


@dataclass(frozen=True)
class Refused:
    """The file is refused, at `line` where given, and the reason has a match for each of `words` (patterns)."""

    line: int | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class AnyOf:
    """Each of these answers is safe."""

    answers: tuple[Exactly | Refused, ...]


class Case(NamedTuple):
    """A file, what the reader must make of it, and the options it is read with."""

    name: str
    data: bytes
    expected: Exactly | Refused | AnyOf
    options: tuple[str, ...] = ()


def any_of(*answers: Exactly | Refused) -> AnyOf:
    """Return the expectation that one of these holds."""
    return AnyOf(answers)


def text(*lines: str, end: str = "\n") -> bytes:
    """Return these lines as UTF-8, each ended."""
    return "".join(line + end for line in lines).encode()


COLUMNS = ("Offence", "Platform", "Count")
A = ("Harassment", "Facebook", "12")
B = ("Stalking", "Twitter", "7")
C = ("Threats", "Snapchat", "3")
HEAD, LINE_A, LINE_B, LINE_C = (",".join(row) for row in (COLUMNS, A, B, C))
CLEAN = text(HEAD, LINE_A, LINE_B)
READ = Exactly(COLUMNS, {2: A, 3: B})
NOT_PROVED = Refused(words=("header cannot be proved", "--header-line"))
MIB = 1 << 20


def _kept(*values: str, encoding: str = "utf-8") -> tuple[bytes, Exactly]:
    """Return a file of one record with these three values as they are, and that it is read as such."""
    return text(HEAD, ",".join(values)).decode().encode(encoding), Exactly(COLUMNS, {2: values})


def _texts() -> list[Case]:
    kept = {
        "numbers, markers and empty words stay text": ("00000001", "1E5", "N/A"),
        "null words stay text": ("NULL", "None", "nan"),
        "truth, formula and date words stay text": ("TRUE", "=1+1", "2020-01-01"),
        "blanks around fields stay": ("  Harassment ", " ", "12  "),
        "tab inside a field stays": ("Hara\tssment", "Facebook", "12"),
        "apostrophes are no quotes": ("'Harassment'", "'Face", "book'"),
        "pound sign in UTF-8": ("£500", "Facebook", "12"),
        "smart quotes are no quotes": ("“Harassment”", "‘Facebook’", "12"),
        "mojibake stays as it is": ("Â£500", "donâ€™t", "12"),
        "no-break and zero-width spaces stay": ("\u00a0Harassment\u200b", "\u200b", "\u00a0"),
        "NEL inside a field ends no line": ("Hara\u0085ssment", "Facebook", "12"),
        "line and paragraph separators inside fields end no line": ("a\u2028b", "c\u2029d", "12"),
        "vertical tab and form feed inside fields end no line": ("a\x0bb", "c\x0cd", "12"),
        "information separators inside fields end no line": ("a\x1cb", "c\x1dd", "e\x1ef"),
        "byte order mark inside a line stays": ("Harassment", "\ufeffFace\ufeffbook", "12"),
        "combining accents are not composed": ("Cafe\u0301", "Caf\u00e9", "😀"),
        "backslashes are letters": ("C:\\new\\table", "\\N", "\\"),
        "square brackets are no markup": ("[/]", "[bold]Facebook[/red]", "[link=x"),
        "SUB glued to the last value stays": ("Harassment", "Facebook", "12\x1a"),
        "hash and slashes start no comment": ("# Harassment", "//Facebook", "--12"),
        "a field of 1 MB": ("x" * MIB, "Facebook", "12"),
    }
    cases = [Case(name, *_kept(*values)) for name, values in kept.items()]
    wide = tuple(f"Column {n}" for n in range(3000))
    cells = tuple(str(n) for n in range(3000))
    return [
        *cases,
        Case("3,000 columns", text(",".join(wide), ",".join(cells)), Exactly(wide, {2: cells})),
        Case(
            "many two-byte characters lie across every block edge",
            text(HEAD, "£" * 600_000 + ",Facebook,12", "x" + "£" * 600_000 + ",Twitter,7"),
            Exactly(COLUMNS, {2: ("£" * 600_000, "Facebook", "12"), 3: ("x" + "£" * 600_000, "Twitter", "7")}),
        ),
        Case(
            "smart quotes do not hold a comma",
            text(HEAD, "“Harassment, online”,Facebook,12", LINE_B),
            Exactly(COLUMNS, {3: B}, rejected={2: "width"}),
        ),
        Case(
            "SUB on a line of its own at the end",
            CLEAN + b"\x1a",
            Exactly(COLUMNS, {2: A, 3: B}, {1: "header", 4: "note"}),
        ),
    ]


def _encodings() -> list[Case]:
    utf16 = "Offence,Platform,Count\nHarassment,£,\u0d0a\nStalking,\u0a0a\u0a0d,\u2028\n"
    wide = Exactly(COLUMNS, {2: ("Harassment", "£", "\u0d0a"), 3: ("Stalking", "\u0a0a\u0a0d", "\u2028")})
    western = Exactly(COLUMNS, {2: A, 3: ("£5 – “x”…", "Twitter", "7")}, encoding="cp1252")
    long = b"".join(b"%s,Facebook,%d\n" % (b"x" * 9000, n) for n in range(130))
    long_records = {n + 2: ("x" * 9000, "Facebook", str(n)) for n in range(130)}
    cases = [
        Case("UTF-8 mark", codecs.BOM_UTF8 + CLEAN, READ),
        Case(
            "UTF-8 mark before a quote",
            codecs.BOM_UTF8 + text('"Offence, type",Platform,Count', LINE_A),
            Exactly(("Offence, type", "Platform", "Count"), {2: A}),
        ),
        Case(
            "two UTF-8 marks",
            codecs.BOM_UTF8 * 2 + CLEAN,
            Refused(1, ("byte order mark",)),
        ),
        Case("only a UTF-8 mark", codecs.BOM_UTF8, Refused(words=("empty|blank",))),
        Case("only a UTF-16 mark", codecs.BOM_UTF16_LE, Refused(words=("empty|blank",))),
        Case("UTF-8 mark, then a byte that is not UTF-8", codecs.BOM_UTF8 + text(HEAD) + b"\xa35,a,1\n", Refused(2)),
        Case("UTF-16 little-endian with mark", codecs.BOM_UTF16_LE + utf16.encode("utf-16-le"), wide),
        Case("UTF-16 big-endian with mark", codecs.BOM_UTF16_BE + utf16.encode("utf-16-be"), wide),
        Case("UTF-16 little-endian without mark", utf16.encode("utf-16-le"), Refused()),
        Case("UTF-16 big-endian without mark", utf16.encode("utf-16-be"), Refused()),
        Case("UTF-16 declared", utf16.encode("utf-16-le"), wide, ("--encoding", "utf-16-le")),
        Case("UTF-16 big-endian declared", utf16.encode("utf-16-be"), wide, ("--encoding", "utf-16-be")),
        Case("UTF-16 cut in a character", codecs.BOM_UTF16_LE + utf16.encode("utf-16-le")[:-1], Refused()),
        Case(
            "UTF-16 with half a surrogate pair",
            codecs.BOM_UTF16_LE + HEAD.encode("utf-16-le") + b"\n\0x\0\x00\xd8,\0y\0,\x001\0\n\0",
            Refused(2),
        ),
        Case(
            "UTF-16 with a NUL character",
            codecs.BOM_UTF16_LE + text(HEAD, "x,\0,1").decode().encode("utf-16-le"),
            Refused(2),
        ),
        Case("UTF-32 little-endian with mark", utf16.encode("utf-32"), Refused()),
        Case("UTF-32 big-endian with mark", codecs.BOM_UTF32_BE + utf16.encode("utf-32-be"), Refused()),
        Case(
            "cp1252: pound, dash, quotes, ellipsis",
            text(HEAD, LINE_A) + b"\xa35 \x96 \x93x\x94\x85,Twitter,7\n",
            western,
        ),
        Case("a NUL byte", text(HEAD, LINE_A) + b"Stal\0king,Twitter,7\n", Refused(words=("NUL",))),
        Case("a NUL byte at the end", CLEAN + b"\0", Refused(words=("NUL",))),
        Case("a NUL byte below the first MiB", text(HEAD) + long + b"a\0,b,1\n", Refused(words=("NUL",))),
        Case(
            "a cp1252 byte below the first MiB",
            text(HEAD) + "£,a,1\n".encode("cp1252") + long + b"\xa3,b,2\n",
            Exactly(
                COLUMNS,
                {2: ("£", "a", "1"), **{n + 1: v for n, v in long_records.items()}, 133: ("£", "b", "2")},
                {1: "header"},
                encoding="cp1252",
            ),
        ),
        Case(
            "UTF-8 file with one cp1252 byte",
            text(HEAD, "£5,Facebook,12") + b"\xa35,Twitter,7\n",
            Refused(3, ("neither UTF-8 nor cp1252", "declare the encoding")),
        ),
        Case(
            "cut inside a UTF-8 character",
            text(HEAD, LINE_A) + "Stalking,Twitter,£".encode()[:-1],
            any_of(
                Exactly(COLUMNS, {2: A, 3: ("Stalking", "Twitter", "Â")}, encoding="cp1252"),
                Refused(),
            ),
        ),
        Case("declared UTF-8, is cp1252", text(HEAD, LINE_A) + b"\xa3,a,1\n", Refused(3), ("--encoding", "utf-8")),
        Case(
            "declared cp1252, is UTF-8",
            text(HEAD, "£5,a,1"),
            Exactly(COLUMNS, {2: ("Â£5", "a", "1")}),
            ("--encoding", "cp1252"),
        ),
    ]
    for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D):
        data = text(HEAD, LINE_A) + b"Stal" + bytes([byte]) + b"king,Twitter,7\n"
        cases.append(Case(f"byte 0x{byte:02x}, which cp1252 does not have", data, Refused(3)))
    return cases


def _line_ends() -> list[Case]:
    body = (HEAD, LINE_A, LINE_B)
    pad = "x" * (MIB - 1 - len(HEAD) - 2 - len(",Facebook,12"))
    # every CR is the last byte of a block of 8 KiB, its LF the first of the next
    breaks = "x" * (8191 - len(HEAD) - 2) + ("\r\n" + "x" * 8190) * 140
    return [
        Case("LF", text(*body), READ),
        Case("CR LF", text(*body, end="\r\n"), READ),
        Case("CR", text(*body, end="\r"), READ),
        Case("no last line end, LF", text(*body)[:-1], READ),
        Case("no last line end, CR", text(*body, end="\r")[:-1], READ),
        Case("last CR LF lost its LF", text(*body, end="\r\n")[:-1], READ),
        Case(
            "mixed line ends",
            f"{HEAD}\r\n{LINE_A}\r{LINE_B}\n{LINE_C}".encode(),
            Exactly(COLUMNS, {2: A, 3: B, 4: C}),
        ),
        Case(
            "LF CR is a line end and a blank line",
            f"{HEAD}\n\r{LINE_A}\n\r{LINE_B}".encode(),
            Exactly(COLUMNS, {3: A, 5: B}, {1: "header", 2: "blank", 4: "blank"}),
        ),
        Case(
            "CR CR LF is a line end and a blank line",
            text(*body, end="\r\r\n"),
            Exactly(COLUMNS, {3: A, 5: B}, {1: "header", 2: "blank", 4: "blank", 6: "blank"}),
        ),
        Case(
            "blank lines at the end",
            CLEAN + b"\n\r\n\r",
            Exactly(COLUMNS, {2: A, 3: B}, {1: "header"} | dict.fromkeys((4, 5, 6), "blank")),
        ),
        Case(
            "blank lines above the header",
            b"\n\r\n" + CLEAN,
            Exactly(COLUMNS, {4: A, 5: B}, {1: "blank", 2: "blank", 3: "header"}),
        ),
        Case(
            "lone CR in an unquoted field ends the line",
            text(HEAD, LINE_A, "Stal\rking,Twitter,7", LINE_C),
            Exactly(COLUMNS, {2: A, 4: ("king", "Twitter", "7"), 5: C}, rejected={3: "width"}),
        ),
        Case(
            "lone CR in a quoted field",
            text(HEAD, '"Hara\rssment",Facebook,12', LINE_B),
            Exactly(COLUMNS, {2: ("Hara\rssment", "Facebook", "12"), 4: B}),
        ),
        Case(
            "all line ends and a blank line in a quoted field",
            text(HEAD, '"a\nb\r\nc\rd\n\ne",Facebook,12', LINE_B),
            Exactly(COLUMNS, {2: ("a\nb\r\nc\rd\n\ne", "Facebook", "12"), 8: B}),
        ),
        Case(
            "CR file with a quoted CR",
            text(HEAD, '"a\rb",Facebook,12', LINE_B, end="\r"),
            Exactly(COLUMNS, {2: ("a\rb", "Facebook", "12"), 4: B}),
        ),
        Case(
            "CR in one field, LF in the next",
            text(HEAD, '"a\r","\nb",12', LINE_B),
            Exactly(COLUMNS, {2: ("a\r", "\nb", "12"), 5: B}),
        ),
        Case(
            "CR LF across a block edge",
            text(HEAD, f"{pad},Facebook,12", LINE_B, end="\r\n"),
            Exactly(COLUMNS, {2: (pad, "Facebook", "12"), 3: B}),
        ),
        Case(
            "quoted CR LF across every block edge",
            text(HEAD, f'"{breaks}",Facebook,12', LINE_B),
            Exactly(COLUMNS, {2: (breaks, "Facebook", "12"), 143: B}),
        ),
    ]


def _quotes() -> list[Case]:
    broken = Exactly(COLUMNS, {2: A, 4: C}, rejected={3: "quote"})

    def among(line: str) -> bytes:
        return text(HEAD, LINE_A, line, LINE_C)

    return [
        Case(
            "everything quoted",
            text('"Offence","Platform","Count"', '"Harassment","Facebook","12"'),
            Exactly(COLUMNS, {2: A}),
        ),
        Case(
            "quoted delimiters of every kind",
            text(HEAD, '"a,b;c","d\te|f",12', LINE_B),
            Exactly(COLUMNS, {2: ("a,b;c", "d\te|f", "12"), 3: B}),
        ),
        Case(
            "doubled quotes",
            text(HEAD, '"say ""hello""","""",12', '"5"" knife",Twitter,7'),
            Exactly(COLUMNS, {2: ('say "hello"', '"', "12"), 3: ('5" knife', "Twitter", "7")}),
        ),
        Case(
            "blanks inside quotes stay",
            text(HEAD, '" Harassment "," ","12 "'),
            Exactly(COLUMNS, {2: (" Harassment ", " ", "12 ")}),
        ),
        Case("quote inside an unquoted field", among('5" knife,Twitter,7'), broken),
        Case("words quoted inside an unquoted field", among('Said "hello",Twitter,7'), broken),
        Case("quote at the end of an unquoted field", among('Stalking",Twitter,7'), broken),
        Case("letters after a closing quote", among('"Stalking"x,Twitter,7'), broken),
        Case("blank before an opening quote", among('Stalking, "Twitter",7'), broken),
        Case("blank after a closing quote", among('"Stalking" ,Twitter,7'), broken),
        Case("spreadsheet formula around a reference", among('="0001234",Twitter,7'), broken),
        Case("backslash before quotes", among('"Say \\"hello\\"",Twitter,7'), any_of(broken, Refused(3))),
        Case(
            "quote inside an unquoted field of the last line",
            text(HEAD, LINE_A, '5" knife,Twitter,7'),
            Exactly(COLUMNS, {2: A}, rejected={3: "quote"}),
        ),
        Case("quote that never closes", text(HEAD, LINE_A, '"Stalking,Twitter,7', LINE_C), Refused(3)),
        Case(
            "quote that never closes in the last field", text(HEAD, LINE_A, 'Stalking,Twitter,"7', LINE_C), Refused(3)
        ),
        Case(
            "quote that never closes, then quotes below",
            text(HEAD, LINE_A, '"Stalking,Twitter,7', '"Threats",Snapchat,3'),
            Refused(3),
        ),
        Case(
            "quote that never closes below 2,500 rows",
            text(HEAD, *[LINE_A] * 2500, '"Stalking,Twitter,7'),
            Refused(2502),
        ),
        Case(
            "field of several lines in the first column, below a title",
            text("Crimes by platform", HEAD, '"Hara\nssment",Facebook,12', LINE_B),
            Exactly(COLUMNS, {3: ("Hara\nssment", "Facebook", "12"), 5: B}, {1: "title", 2: "header"}),
        ),
        Case(
            "field of several lines in the first column, above a footnote",
            text('"Offence","Count"', '"Hara\nssment","12"', '"Source: Example Police"'),
            Exactly(("Offence", "Count"), {2: ("Hara\nssment", "12")}, {1: "header", 4: "note"}),
        ),
        Case("quote that never closes in the header", text('"Offence,Platform,Count', LINE_A), Refused(1)),
        Case("quote that never closes in the title", text('"Crimes', HEAD, LINE_A), Refused(1)),
        Case("quote that never closes in a footnote", text(HEAD, LINE_A, LINE_B, '"Note: cut'), Refused(4)),
        Case("file that is one quote", b'"', Refused(1)),
        Case("cut in a quoted field", text(HEAD, LINE_A) + b'"Stalking, onl', Refused(3)),
        Case("cut after a doubled quote", text(HEAD, LINE_A) + b'"Stalking ""', Refused(3)),
        Case(
            "cut in a field of several lines",
            text(HEAD, LINE_A) + b'"Stalking\nand more\n\nand mo',
            Refused(3),
        ),
        Case(
            "blank after every delimiter, before the quotes",
            text('"Offence", "Platform", "Count"', '"Harassment", "Facebook", "12"'),
            Refused(),
        ),
        Case(
            "record of several lines with a field too few",
            text(HEAD, '"Hara\nssment",Facebook', LINE_B, LINE_C),
            Exactly(COLUMNS, {4: B, 5: C}, rejected={2: "width"}),
        ),
        Case(
            "header of several lines",
            text('"Offence\n(note 1)",Platform,Count', LINE_A),
            Exactly(("Offence\n(note 1)", "Platform", "Count"), {3: A}),
        ),
        Case(
            "two rows that a quote makes one",
            text(HEAD, '"Harassment,Facebook,12', 'Stalking",Twitter,7', LINE_C),
            Exactly(COLUMNS, {2: ("Harassment,Facebook,12\nStalking", "Twitter", "7"), 4: C}),
        ),
    ]


def _widths() -> list[Case]:
    two = ("Offence", "Count")
    shifted = any_of(Refused(), Exactly(two, {}, rejected={2: "width", 3: "width"}))
    stray = ("Offence", "Platform", "Count", "")
    return [
        Case(
            "short row", text(HEAD, LINE_A, "Stalking,7", LINE_C), Exactly(COLUMNS, {2: A, 4: C}, rejected={3: "width"})
        ),
        Case(
            "short first row",
            text(HEAD, "Harassment,12", LINE_B, LINE_C),
            Exactly(COLUMNS, {3: B, 4: C}, rejected={2: "width"}),
        ),
        Case(
            "long row", text(HEAD, LINE_A, LINE_B + ",x", LINE_C), Exactly(COLUMNS, {2: A, 4: C}, rejected={3: "width"})
        ),
        Case(
            "long first row",
            text(HEAD, LINE_A + ",x", LINE_B, LINE_C),
            Exactly(COLUMNS, {3: B, 4: C}, rejected={2: "width"}),
        ),
        Case(
            "long last row",
            text(HEAD, LINE_A, LINE_B, LINE_C + ",x"),
            Exactly(COLUMNS, {2: A, 3: B}, rejected={4: "width"}),
        ),
        Case(
            "cut in the middle of a record",
            text(HEAD, LINE_A, LINE_B) + b"Threats,Snap",
            any_of(
                Exactly(COLUMNS, {2: A, 3: B}, {1: "header", 4: "note"}),
                Exactly(COLUMNS, {2: A, 3: B}, rejected={4: "width"}),
                Refused(),
            ),
        ),
        Case(
            "cut in the middle of the last value (unprovable)",
            text(HEAD, LINE_B, LINE_A)[:-2],
            Exactly(COLUMNS, {2: B, 3: (*A[:2], "1")}),
        ),
        Case(
            "thousands comma without quotes in one row",
            text("Offence,Count", "Harassment,12", "Stalking,1,234", "Threats,3", "Fraud,7"),
            Exactly(two, {2: ("Harassment", "12"), 4: ("Threats", "3"), 5: ("Fraud", "7")}, rejected={3: "width"}),
        ),
        Case(
            "thousands comma without quotes in every row",
            text("Offence,Count", "Harassment,1,200", "Stalking,1,234"),
            shifted,
        ),
        Case(
            "thousands comma in quotes",
            text("Offence,Count", 'Harassment,"1,200"'),
            Exactly(two, {2: ("Harassment", "1,200")}),
        ),
        Case(
            "delimiter at the end of every row",
            text(*(line + "," for line in (HEAD, LINE_A, LINE_B))),
            Exactly(stray, {2: (*A, ""), 3: (*B, "")}),
        ),
        Case(
            "delimiter at the end of one row",
            text(HEAD, LINE_A, LINE_B + ",", LINE_C),
            Exactly(COLUMNS, {2: A, 4: C}, rejected={3: "width"}),
        ),
        Case(
            "delimiter at the end of every row but the header",
            text("Offence,Count", "Harassment,12,", "Stalking,7,"),
            shifted,
        ),
        Case(
            "delimiter at the end of the header only",
            text(HEAD + ",", LINE_A, LINE_B),
            any_of(
                Refused(),
                Exactly(stray, {}, rejected={2: "width", 3: "width"}),
                Exactly(stray, {}, {1: "header", 2: "note", 3: "note"}),
            ),
        ),
        Case(
            "row numbers without a header of their own",
            text("Offence,Count", "1,Harassment,12", "2,Stalking,7"),
            shifted,
        ),
        Case(
            "row names without a header of their own",
            text("Offence,Outcome", "first,Harassment,Charged", "second,Stalking,None"),
            shifted,
        ),
        Case(
            "row numbers without a header of their own, a blank line between",
            text("Offence,Count", "", "1,Harassment,12", "2,Stalking,7"),
            any_of(Refused(), Exactly(two, {}, {1: "header", 2: "blank"}, {3: "width", 4: "width"})),
        ),
        Case(
            "long row below the first 2,500",
            text(HEAD, *[LINE_A] * 2500, LINE_B + ",x", LINE_C),
            Exactly(COLUMNS, dict.fromkeys(range(2, 2502), A) | {2503: C}, rejected={2502: "width"}),
        ),
        Case(
            "header shifted to the right",
            text(",Offence,Count", "Harassment,12", "Stalking,7"),
            any_of(
                Refused(),
                Exactly(("", *two), {}, rejected={2: "width", 3: "width"}),
                Exactly(("", *two), {}, {1: "header", 2: "note", 3: "note"}),
            ),
        ),
        Case(
            "table shifted to the right",
            text(*("," + line for line in (HEAD, LINE_A))),
            Exactly(("", *COLUMNS), {2: ("", *A)}),
        ),
        Case(
            "stray empty column",
            text("Offence,,Count", "Harassment,,12"),
            Exactly(("Offence", "", "Count"), {2: ("Harassment", "", "12")}),
        ),
        Case(
            "two files glued without a line end",
            text(HEAD, LINE_A, LINE_B + HEAD, LINE_C),
            Exactly(COLUMNS, {2: A, 4: C}, rejected={3: "width"}),
        ),
    ]


def _set_aside() -> list[Case]:
    def aside(**rules: int) -> dict[int, str]:
        return {line: rule for rule, line in rules.items()}

    return [
        Case("title", text("Crimes by platform", HEAD, LINE_A), Exactly(COLUMNS, {3: A}, aside(title=1, header=2))),
        Case(
            "several titles and a blank line",
            text("Example Police", "Request 1234/21", "", HEAD, LINE_A),
            Exactly(COLUMNS, {5: A}, {1: "title", 2: "title", 3: "blank", 4: "header"}),
        ),
        Case(
            "title with commas above a blank line",
            text("Crimes, all, by platform", "", "Force,Offence,Platform,Count", f"Kent,{LINE_A}"),
            Exactly(("Force", *COLUMNS), {4: ("Kent", *A)}, aside(title=1, blank=2, header=3)),
        ),
        Case(
            "title with a comma right above the header",
            text("Crimes, by platform", HEAD, LINE_A, LINE_B),
            any_of(Exactly(COLUMNS, {3: A, 4: B}, aside(title=1, header=2)), Refused()),
        ),
        Case(
            "more lines of names and values above than rows in the table",
            text("Force, Kent", "Request, 1234/21", "Answered, 1 May", "", HEAD, LINE_A),
            any_of(Exactly(COLUMNS, {6: A}, dict.fromkeys((1, 2, 3), "title") | {4: "blank", 5: "header"}), Refused()),
        ),
        Case(
            "title as wide as the table (unprovable)",
            text("Crimes, by platform", "Offence,Count", "Harassment,12"),
            any_of(
                Refused(),
                Exactly(("Offence", "Count"), {3: ("Harassment", "12")}, aside(title=1, header=2)),
                Exactly(("Crimes", " by platform"), {2: ("Offence", "Count"), 3: ("Harassment", "12")}),
            ),
        ),
        Case(
            "title padded with delimiters to the width of the table (unprovable)",
            text("Crimes by platform,,", HEAD, LINE_A),
            any_of(
                Refused(),
                Exactly(COLUMNS, {3: A}, aside(title=1, header=2)),
                Exactly(("Crimes by platform", "", ""), {2: COLUMNS, 3: A}),
            ),
        ),
        Case(
            "quoted title of several lines",
            text('"Crimes, by platform\nand offence"', HEAD, LINE_A),
            Exactly(COLUMNS, {4: A}, aside(title=1, header=3)),
        ),
        Case(
            "title with quotes inside",
            text('Crimes called "online"', HEAD, LINE_A),
            any_of(Exactly(COLUMNS, {3: A}, aside(title=1, header=2)), Refused(1)),
        ),
        Case(
            "title with other delimiters",
            text("Crimes; by platform | offence", HEAD, LINE_A, LINE_B),
            Exactly(COLUMNS, {3: A, 4: B}, aside(title=1, header=2), delimiter=","),
        ),
        Case(
            "footnotes and a source line",
            text(HEAD, LINE_A, "", "1. Recorded crimes only", "Source: Example Police"),
            Exactly(COLUMNS, {2: A}, {1: "header", 3: "blank", 4: "note", 5: "note"}),
        ),
        Case(
            "footnote right below the table",
            text(HEAD, LINE_A, LINE_B, "Source: Example Police, 2021"),
            Exactly(COLUMNS, {2: A, 3: B}, aside(header=1, note=4)),
        ),
        Case(
            "footnote wider than the table",
            text(HEAD, LINE_A, LINE_B, "Note: crimes, not arrests, charges, or mentions"),
            any_of(Exactly(COLUMNS, {2: A, 3: B}, rejected={4: "width"}), Refused()),
        ),
        Case(
            "footnote as wide as the table (unprovable)",
            text(HEAD, LINE_A, LINE_B, "Note: crimes, not arrests, or charges"),
            any_of(
                Exactly(COLUMNS, {2: A, 3: B, 4: ("Note: crimes", " not arrests", " or charges")}),
                Exactly(COLUMNS, {2: A, 3: B}, aside(header=1, note=4)),
                Refused(),
            ),
        ),
        Case(
            "quoted footnote of several lines",
            text(HEAD, LINE_A, '"Note: crimes,\nnot arrests"', "Source: Example Police"),
            Exactly(COLUMNS, {2: A}, {1: "header", 3: "note", 5: "note"}),
        ),
        Case(
            "footnote with quotes inside",
            text(HEAD, LINE_A, LINE_B, 'Note: called "online"'),
            any_of(
                Exactly(COLUMNS, {2: A, 3: B}, aside(header=1, note=4)),
                Exactly(COLUMNS, {2: A, 3: B}, rejected={4: "quote"}),
            ),
        ),
        Case(
            "narrow line in the middle of the table",
            text(HEAD, LINE_A, "Division B", LINE_B),
            Exactly(COLUMNS, {2: A, 4: B}, rejected={3: "width"}),
        ),
        Case(
            "blank lines of blanks, tabs, delimiters and quotes",
            text(HEAD, LINE_A, "", "   ", " \t ", ",,", " , ,\t", '"","",""', LINE_B),
            Exactly(COLUMNS, {2: A, 9: B}, {1: "header"} | dict.fromkeys(range(3, 9), "blank")),
        ),
        Case(
            "delimiters only, one too many",
            text(HEAD, LINE_A, ",,,,", LINE_B),
            Exactly(COLUMNS, {2: A, 4: B}, {1: "header", 3: "blank"}),
        ),
        Case(
            "line of one no-break space",
            text(HEAD, LINE_A, "\u00a0", LINE_B),
            any_of(
                Exactly(COLUMNS, {2: A, 4: B}, {1: "header", 3: "blank"}),
                Exactly(COLUMNS, {2: A, 4: B}, rejected={3: "width"}),
            ),
        ),
        Case(
            "line of one form feed",
            text(HEAD, LINE_A, "\x0c", LINE_B),
            any_of(
                Exactly(COLUMNS, {2: A, 4: B}, {1: "header", 3: "blank"}),
                Exactly(COLUMNS, {2: A, 4: B}, rejected={3: "width"}),
            ),
        ),
        Case(
            "blank rows of delimiters above the header",
            text(",,", ",,", HEAD, LINE_A),
            any_of(Exactly(COLUMNS, {4: A}, {1: "blank", 2: "blank", 3: "header"}), Refused()),
        ),
        Case(
            "total rows by each of their words",
            text(HEAD, LINE_A, "Total,,12", LINE_B, "sum,,7", LINE_C, "Grand Total,,22"),
            Exactly(COLUMNS, {2: A, 4: B, 6: C}, {1: "header", 3: "total", 5: "total", 7: "total"}),
        ),
        Case(
            "total in capitals and blanks",
            text(HEAD, LINE_A, " TOTAL ,,12"),
            Exactly(COLUMNS, {2: A}, aside(header=1, total=3)),
        ),
        Case(
            "words that begin like a total are records",
            text(HEAD, "Total Fitness burglary,Facebook,12", "Summary offence,Twitter,7", "Subtotal,x,1"),
            Exactly(
                COLUMNS,
                {
                    2: ("Total Fitness burglary", "Facebook", "12"),
                    3: ("Summary offence", "Twitter", "7"),
                    4: ("Subtotal", "x", "1"),
                },
            ),
        ),
        Case(
            "total in the second column",
            text(HEAD, LINE_A, ",Total,12", LINE_B),
            any_of(
                Exactly(COLUMNS, {2: A, 4: B}, aside(header=1, total=3)),
                Exactly(COLUMNS, {2: A, 3: ("", "Total", "12"), 4: B}),
            ),
        ),
        Case(
            "short total row at the end",
            text(HEAD, LINE_A, LINE_B, "Total,19"),
            any_of(
                Exactly(COLUMNS, {2: A, 3: B}, aside(header=1, total=4)),
                Exactly(COLUMNS, {2: A, 3: B}, aside(header=1, note=4)),
                Exactly(COLUMNS, {2: A, 3: B}, rejected={4: "width"}),
            ),
        ),
        Case(
            "Total as a column is no total row",
            text("Total,Offence", "12,Harassment"),
            Exactly(("Total", "Offence"), {2: ("12", "Harassment")}),
        ),
        Case("header twice", text(HEAD, HEAD, LINE_A), Exactly(COLUMNS, {3: A}, {1: "header", 2: "header"})),
        Case(
            "total row first",
            text(HEAD, "Total,,19", LINE_A, LINE_B),
            Exactly(COLUMNS, {3: A, 4: B}, {1: "header", 2: "total"}),
        ),
        Case(
            "header on every page",
            text(HEAD, LINE_A, HEAD, LINE_B, HEAD, LINE_C),
            Exactly(COLUMNS, {2: A, 4: B, 6: C}, {1: "header", 3: "header", 5: "header"}),
        ),
        Case(
            "header and page line on every page",
            text("Page 1", HEAD, LINE_A, "Page 2", HEAD, LINE_B),
            any_of(
                Exactly(COLUMNS, {3: A, 6: B}, {1: "title", 2: "header", 5: "header"}, {4: "width"}),
                Exactly(COLUMNS, {3: A, 6: B}, {1: "title", 2: "header", 4: "title", 5: "header"}),
                Exactly(COLUMNS, {3: A, 6: B}, {1: "title", 2: "header", 4: "note", 5: "header"}),
                Refused(),
            ),
        ),
        Case(
            "two files one after the other, the second with its mark",
            codecs.BOM_UTF8 + text(HEAD, LINE_A) + codecs.BOM_UTF8 + text(HEAD, LINE_B),
            Exactly(COLUMNS, {2: A, 4: B}, {1: "header", 3: "header"}),
        ),
        Case(
            "form feed before a repeated header",
            text(HEAD, LINE_A, "\x0c" + HEAD, LINE_B),
            Exactly(COLUMNS, {2: A, 4: B}, {1: "header", 3: "header"}),
        ),
        Case(
            "a narrower table below",
            text(HEAD, LINE_A, LINE_B, "", "Year,Arrests", "2020,4"),
            any_of(
                Exactly(COLUMNS, {2: A, 3: B}, {1: "header", 4: "blank", 5: "note", 6: "note"}),
                Exactly(COLUMNS, {2: A, 3: B}, {1: "header", 4: "blank"}, {5: "width", 6: "width"}),
                Refused(),
            ),
        ),
        Case(
            "a wider and longer table below",
            text("Year,Arrests", "2020,4", "", HEAD, LINE_A, LINE_B, LINE_C),
            any_of(
                Exactly(COLUMNS, {5: A, 6: B, 7: C}, {1: "title", 2: "title", 3: "blank", 4: "header"}),
                Exactly(
                    ("Year", "Arrests"),
                    {2: ("2020", "4")},
                    {1: "header", 3: "blank"},
                    dict.fromkeys(range(4, 8), "width"),
                ),
                Refused(),
            ),
        ),
        Case(
            "the same table again with its title",
            text("January", HEAD, LINE_A, "", "February", HEAD, LINE_B),
            any_of(
                Exactly(COLUMNS, {3: A, 7: B}, {1: "title", 2: "header", 4: "blank", 6: "header"}, {5: "width"}),
                Refused(),
            ),
        ),
        Case(
            "another table of the same width below (unprovable)",
            text(HEAD, LINE_A, "", "Age,Outcome,Arrests", "18,Charged,4"),
            any_of(
                Exactly(
                    COLUMNS,
                    {2: A, 4: ("Age", "Outcome", "Arrests"), 5: ("18", "Charged", "4")},
                    {1: "header", 3: "blank"},
                ),
                Refused(),
            ),
        ),
    ]


def _headers() -> list[Case]:
    numbers = text("2021,2022", "5,6")
    unproved = {
        "first line of numbers": "1,2,3",
        "first line of years": "2021,2022,2023",
        "first line of financial years": "2021/22,2022/23,2023/24",
        "first line of months": "Jan-20,Feb-20,Mar-20",
        "first line of numbered months": "01/2024,02/2024,03/2024",
        "first line of periods in words": "April 2021 to March 2022,April 2022 to March 2023,Apr-23",
        "first line of years and a blank": ",2021,2022",
        "first line of quarters": "Q1 2021,Q2 2021,Q3 2021",
        "first line of quoted years": '"2021","2022","2023"',
        "first line of numbers with blanks, commas, signs": ' 12 ,"1,234",-5.5',
        "first line of a date and numbers": "01/02/2024,12,34",
    }
    cases = [Case(name, text(line, "5,6,7", "8,9,10"), NOT_PROVED) for name, line in unproved.items()]
    return [
        *cases,
        Case(
            "years below a title",
            text("Crimes by year", "2021,2022", "5,6"),
            any_of(NOT_PROVED, Refused(words=("--delimiter",))),
        ),
        Case("one column of numbers", text("1", "2", "3"), NOT_PROVED),
        Case(
            "header of years, said to be one",
            numbers,
            Exactly(("2021", "2022"), {2: ("5", "6")}),
            ("--header-line", "1"),
        ),
        Case(
            "said to have no header",
            numbers,
            Exactly(None, {1: ("2021", "2022"), 2: ("5", "6")}, {}),
            ("--header-line", "0"),
        ),
        Case(
            "header said to be the second line",
            text("2020,x", "2021,2022", "5,6"),
            Exactly(("2021", "2022"), {3: ("5", "6")}, {1: "title", 2: "header"}),
            ("--header-line", "2"),
        ),
        Case("header said to be below the end", CLEAN, Refused(), ("--header-line", "9")),
        Case("header said to be a blank line", text("", HEAD, LINE_A), Refused(1), ("--header-line", "1")),
        Case(
            "header said to be inside a quoted field",
            text('"Crimes\nonline"', HEAD, LINE_A),
            Refused(),
            ("--header-line", "2"),
        ),
        Case(
            "years beside a word",
            text("Offence,2021,2022/23", "Harassment,5,6"),
            Exactly(("Offence", "2021", "2022/23"), {2: ("Harassment", "5", "6")}),
        ),
        Case(
            "no header, first record of words (unprovable)",
            text(LINE_A, LINE_B, LINE_C),
            any_of(Refused(), Exactly(A, {2: B, 3: C})),
        ),
        *(
            Case(
                f"count of the first record is {name}",
                text(HEAD, f"Harassment,Facebook,{mark}", LINE_B, LINE_C),
                Exactly(COLUMNS, {2: ("Harassment", "Facebook", mark), 3: B, 4: C}),
            )
            for name, mark in {"a star": "*", "a dash": "-", "blank": "", "below five": "<5"}.items()
        ),
        Case(
            "count of the first record is a word",
            text(HEAD, "Harassment,Facebook,N/A", LINE_B, LINE_C),
            any_of(Exactly(COLUMNS, {2: ("Harassment", "Facebook", "N/A"), 3: B, 4: C}), Refused()),
        ),
        Case(
            "header names in square brackets",
            text("[Offence],[Count]", "Harassment,12"),
            any_of(Exactly(("[Offence]", "[Count]"), {2: ("Harassment", "12")}), Refused()),
        ),
        Case(
            "two header rows",
            text("Offence,2021,,2022,", ",Male,Female,Male,Female", "Harassment,1,2,3,4"),
            any_of(
                Refused(),
                Exactly(
                    ("Offence", "2021", "", "2022", ""),
                    {2: ("", "Male", "Female", "Male", "Female"), 3: ("Harassment", "1", "2", "3", "4")},
                ),
            ),
        ),
        Case(
            "two header rows, years first",
            text(",2021,,2022,", "Offence,Male,Female,Male,Female", "Harassment,1,2,3,4"),
            NOT_PROVED,
        ),
        Case(
            "empty header name",
            text("Offence,,Count", "Harassment,x,12"),
            Exactly(("Offence", "", "Count"), {2: ("Harassment", "x", "12")}),
        ),
        Case(
            "the same header name twice",
            text("Offence,Count,Count", "Harassment,1,2"),
            Exactly(("Offence", "Count", "Count"), {2: ("Harassment", "1", "2")}),
        ),
        Case(
            "blanks around header names stay",
            text(" Offence ,Platform, Count", LINE_A),
            Exactly((" Offence ", "Platform", " Count"), {2: A}),
        ),
        Case("header only", text(HEAD), any_of(Exactly(COLUMNS, {}), Refused())),
        Case("header and one row", text(HEAD, LINE_A), Exactly(COLUMNS, {2: A})),
    ]


def _delimiters() -> list[Case]:
    both = text("A,x;B", "1,2;3", "4,5;6")
    comma_read = Exactly(("A", "x;B"), {2: ("1", "2;3"), 3: ("4", "5;6")}, delimiter=",")
    semicolon_read = Exactly(("A,x", "B"), {2: ("1,2", "3"), 3: ("4,5", "6")}, delimiter=";")
    sep = {1: "sep", 2: "header"}
    cases = [
        Case(
            f"delimiter {name}",
            CLEAN.replace(b",", mark.encode()),
            Exactly(COLUMNS, {2: A, 3: B}, delimiter=mark),
        )
        for name, mark in {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}.items()
    ]
    cases += [
        Case(
            f"sep= names the {name}",
            f"sep={mark}\r\n".encode() + CLEAN.replace(b",", mark.encode()),
            Exactly(COLUMNS, {3: A, 4: B}, sep, delimiter=mark),
        )
        for name, mark in {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}.items()
    ]
    return [
        *cases,
        Case("two delimiters make a table", both, Refused(words=("delimiter",))),
        Case("two delimiters make a table, comma said", both, comma_read, ("--delimiter", ",")),
        Case("two delimiters make a table, semicolon said", both, semicolon_read, ("--delimiter", ";")),
        Case("tab and bar make a table", text("A\tx|B", "1\t2|3"), Refused(words=("delimiter",))),
        Case(
            "two delimiters make a table, sep= decides",
            b"sep=;\n" + both,
            Exactly(("A,x", "B"), {3: ("1,2", "3"), 4: ("4,5", "6")}, sep, delimiter=";"),
        ),
        Case(
            "sep= below a mark, CR ends",
            codecs.BOM_UTF8 + text("sep=;", "Offence;Count", "a;1", end="\r"),
            Exactly(("Offence", "Count"), {3: ("a", "1")}, sep),
        ),
        Case(
            "sep= names a delimiter that is not there",
            text("sep=;", HEAD, LINE_A),
            Refused(1, ("sep=",)),
        ),
        Case(
            "sep= names a delimiter we do not read",
            text("sep=^", "Offence^Count", "a^1"),
            any_of(Refused(), Exactly(("Offence", "Count"), {3: ("a", "1")}, sep)),
        ),
        Case("sep= names a letter", text("sep=e", "Offence,Count", "Threats,1"), Refused()),
        Case("sep= names a quote", text('sep="', "Offence,Count", "Threats,1"), Refused()),
        *(
            Case(
                f"sep= below a blank line, table of {len(columns)}",
                text("", "sep=;", *(";".join(row) for row in (columns, *rows))),
                any_of(
                    Refused(),
                    Exactly(columns, dict(enumerate(rows, 4)), {1: "blank", 2: "sep", 3: "header"}),
                    Exactly(columns, dict(enumerate(rows, 4)), {1: "blank", 2: "title", 3: "header"}),
                ),
            )
            for columns, rows in ((COLUMNS, (A, B)), (("Offence", "Platform"), (A[:2], B[:2])))
        ),
        Case(
            "sep= not on the first line",
            text("Offence;Count", "a;1", "sep=,", "b;2"),
            Exactly(("Offence", "Count"), {2: ("a", "1"), 4: ("b", "2")}, rejected={3: "width"}),
        ),
        Case(
            "semicolons and decimal commas",
            text("Offence;Rate", "Harassment;1,5", "Stalking;2,5"),
            any_of(
                Exactly(("Offence", "Rate"), {2: ("Harassment", "1,5"), 3: ("Stalking", "2,5")}, delimiter=";"),
                Refused(words=("delimiter",)),
            ),
        ),
        Case(
            "semicolons and commas in some texts",
            text("Offence;Count", "Harassment, online;12", "Stalking;7", "Threats, online, by phone;3"),
            any_of(
                Exactly(
                    ("Offence", "Count"),
                    {2: ("Harassment, online", "12"), 3: ("Stalking", "7"), 4: ("Threats, online, by phone", "3")},
                ),
                Refused(words=("delimiter",)),
            ),
        ),
        Case(
            "commas and a semicolon in one text",
            text(HEAD, LINE_A, "Stalking; online,Twitter,7", LINE_C),
            Exactly(COLUMNS, {2: A, 3: ("Stalking; online", "Twitter", "7"), 4: C}, delimiter=","),
        ),
        Case(
            "semicolons in quotes in every row",
            text('"A;x",B', '"1;y",2'),
            Exactly(("A;x", "B"), {2: ("1;y", "2")}, delimiter=","),
        ),
        Case(
            "one column",
            text("Platform", "Facebook", "Twitter"),
            Exactly(("Platform",), {2: ("Facebook",), 3: ("Twitter",)}),
        ),
        Case(
            "one column with quoted blanks and blank lines",
            text("Platform", "Facebook", '""', "", "Twitter"),
            Exactly(("Platform",), {2: ("Facebook",), 5: ("Twitter",)}, {1: "header", 3: "blank", 4: "blank"}),
        ),
        Case(
            "one column of sentences with commas",
            text("Comment", "I saw it, then left", "Nothing", "Again, hello", "Bye"),
            any_of(
                Refused(),
                Exactly(
                    ("Comment",), {2: ("I saw it, then left",), 3: ("Nothing",), 4: ("Again, hello",), 5: ("Bye",)}
                ),
            ),
        ),
        Case(
            "one column of lists of platforms",
            text("Platform", "Facebook, Instagram", "Twitter, X", "Snapchat, Facebook"),
            any_of(
                Refused(),
                Exactly(("Platform",), {2: ("Facebook, Instagram",), 3: ("Twitter, X",), 4: ("Snapchat, Facebook",)}),
            ),
        ),
        Case(
            "one column, the first comma below 2,500 rows",
            text("Platform", *["Facebook"] * 2500, "Twitter, X", "Snapchat"),
            any_of(
                Refused(),
                Exactly(
                    ("Platform",),
                    dict.fromkeys(range(2, 2502), ("Facebook",)) | {2502: ("Twitter, X",), 2503: ("Snapchat",)},
                ),
            ),
        ),
        Case(
            "fixed width",
            text("Offence     Platform", "Harassment  Facebook", "Stalking    Twitter"),
            any_of(
                Refused(),
                Exactly(("Offence     Platform",), {2: ("Harassment  Facebook",), 3: ("Stalking    Twitter",)}),
            ),
        ),
    ]


def _xlsx() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr(zipfile.ZipInfo("xl/worksheets/sheet1.xml"), "<worksheet/>")
    return stream.getvalue()


def _no_tables() -> list[Case]:
    page = ("<html><body><table>", "<tr><td>Offence</td></tr>", "</table></body></html>")
    return [
        Case("empty file", b"", Refused(words=("empty",))),
        Case("only a line end", b"\n", Refused()),
        Case("only blank lines", b"\n\r\n  \n\t\n", Refused()),
        Case("only delimiters", b",,\n,,\n", Refused()),
        Case("only a sep= line", b"sep=;\n", Refused()),
        Case("zip renamed", _xlsx(), Refused(words=("zip|xlsx|spreadsheet|workbook|binary",))),
        Case("zip without a NUL byte", b"PK\x03\x04" + CLEAN, Refused(words=("zip|xlsx|spreadsheet|workbook|binary",))),
        Case("old spreadsheet renamed", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), Refused()),
        Case("gzip renamed", gzip.compress(CLEAN, mtime=0), Refused()),
        Case("PNG renamed", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(8), Refused(words=("PNG|image|picture|binary",))),
        Case("PNG without a NUL byte", b"\x89PNG\r\n\x1a\n" + CLEAN, Refused(words=("PNG|image|picture|binary",))),
        Case("PDF renamed", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< >>\nendobj\n", Refused(words=("PDF|binary",))),
        Case(
            "PDF of plain letters",
            b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n",
            Refused(words=("PDF|binary",)),
        ),
        Case(
            "JSON",
            text('[{"Offence": "Harassment", "Count": 12},', ' {"Offence": "Stalking", "Count": 7}]'),
            Refused(),
        ),
        Case(
            "HTML saved as a spreadsheet",
            text(*page),
            any_of(Refused(), Exactly((page[0],), {2: (page[1],), 3: (page[2],)})),
        ),
    ]


CASES: tuple[Case, ...] = (
    *_texts(),
    *_encodings(),
    *_line_ends(),
    *_quotes(),
    *_widths(),
    *_set_aside(),
    *_headers(),
    *_delimiters(),
    *_no_tables(),
)
