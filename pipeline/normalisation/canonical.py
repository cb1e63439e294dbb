"""The canonical form of a label: which differences of writing do not change what was written.

Here: three forms, each a pure function of the text, each idempotent, and the plain text with the place of each
character. Not here: what a label means.

`canonical`, the form that every vocabulary matches on, takes these steps and no other:

1. characters that a Windows-1252 file leaves behind (`\\x96` as a control character or written out as four
   characters) become what they were: dash, quote, blank;
2. Unicode dashes become `-`, curly quotes straight ones, full-width forms plain letters; characters of no
   width (soft hyphen, byte order mark) go;
3. runs of blanks of any kind (NBSP, line breaks) become one blank, those at the ends go;
4. case is folded, which makes ligatures plain letters too;
5. quotes round the whole, and one full stop, comma, semicolon or colon behind it, go. Two full stops or
   more stay: they say that a label was cut.

`words` also lets punctuation go; `squeezed` lets blanks and what joins words go. Marks that change meaning
(`*`, `?`, `<`, `+`, U+FFFD, `...`) stay in every form: `TikTok?` is not TikTok. The label as written is kept
beside its code always, so that no step loses anything.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WINDOWS_1252 = {0x91: "'", 0x92: "'", 0x93: '"', 0x94: '"', 0x96: "-", 0x97: "-", 0xA0: " "}
_WRITTEN_OUT = re.compile(r"\\x(9[123467]|a0)", re.IGNORECASE)
_BLANK = re.compile(r"\s")
_UNIT = re.compile(
    rf"{_WRITTEN_OUT.pattern}|[\x00-\x5b\x5d-\x7f]+(?![\u0300-\u036f])|.[\u0300-\u036f]*", re.IGNORECASE | re.DOTALL
)
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SINGLE_QUOTES = "\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\u02bc\uff07"
_DOUBLE_QUOTES = "\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02"
_NO_WIDTH = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_FULL_WIDTH = {chr(c): chr(c - 0xFEE0) for c in range(0xFF01, 0xFF5F)}
_PLAIN = str.maketrans(
    {
        **_FULL_WIDTH,
        **{chr(code): plain for code, plain in _WINDOWS_1252.items()},
        **dict.fromkeys(_DASHES, "-"),
        **dict.fromkeys(_SINGLE_QUOTES, "'"),
        **dict.fromkeys(_DOUBLE_QUOTES, '"'),
        **dict.fromkeys(_NO_WIDTH, ""),
        "\u2026": "...",
    }
)
_CLOSING = re.compile(r"(?<![.,;:])[.,;:]$")
_BREAKS = re.compile(r"[-/\\,;:.()\[\]{}|_\"]")
_JOINS = re.compile(r"[-_.'\"\s]")
_CUT = re.compile(r"\.{2,}")
_LETTER = re.compile(r"[^\W\d_]")


def is_blank(label: str) -> bool:
    """Return whether nothing is written: empty, or blanks and characters of no width only."""
    return not label.translate(_PLAIN).strip()


@lru_cache(maxsize=4_096)  # one reading asks for the form of a label, and of each of its parts, some twenty times
def canonical(label: str) -> str:
    """Return the canonical form of a label (the steps are in the module's docstring); idempotent."""
    text = _folded(label)
    stripped = _without_wrapping(text)
    return stripped if stripped else text


def words(label: str) -> str:
    """Return the canonical form without punctuation: words with one blank between, `&` as `and`; idempotent.

    Only where there is a letter: in `-1` or `1/2` punctuation is meaning, and the canonical form is
    returned.
    """
    text = canonical(label)
    if not _LETTER.search(text):
        return text
    text = _CUT.sub(" \u2026 ", text).replace("'", "").replace("&", " and ")
    return " ".join(_BREAKS.sub(" ", text).split())


def squeezed(label: str) -> str:
    """Return the canonical form without blanks, hyphens, stops and quotes: `Tik Tok`, `Tik-Tok`, `TikTok`.

    Marks that part a list (`,` `;` `/` `|` `&` `+`) stay: `Facebook, Messenger` are two. Idempotent.
    """
    text = canonical(label)
    return _JOINS.sub("", _CUT.sub("\u2026", text)) if _LETTER.search(text) else text


def plain_with_places(text: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return a text after steps 1, 2 and 4, every blank as one plain blank, and where each character came from.

    The place of a character is the half-open range of `text` that it stands for: so that what is found in the
    plain text is shown as it was written.
    """
    units: list[str] = []
    places: list[tuple[int, int]] = []
    for unit in _UNIT.finditer(text):
        units.append(plain := _BLANK.sub(" ", _plain(unit[0])))
        one_by_one = len(plain) == unit.end() - unit.start()
        places += [(at, at + 1) for at in range(*unit.span())] if one_by_one else [unit.span()] * len(plain)
    return "".join(units), tuple(places)


def _folded(label: str) -> str:
    text = label
    while (folded := _fold_once(text)) != text:
        text = folded
    return text


def _fold_once(text: str) -> str:
    return " ".join(_plain(text).split())


def _plain(text: str) -> str:
    restored = _WRITTEN_OUT.sub(lambda found: _WINDOWS_1252[int(found[1], 16)], text)
    return unicodedata.normalize("NFC", restored.translate(_PLAIN)).casefold()


def _without_wrapping(text: str) -> str:
    while (inner := _CLOSING.sub("", text.strip().strip("\"'").strip()).strip()) != text:
        text = inner
    return text
