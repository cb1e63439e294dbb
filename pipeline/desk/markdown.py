"""The few pieces of Markdown that the generated documents are put together from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

_URL = re.compile(r"https?://[^\s;,)\]]+")


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; blanks in cells become one, `|` and `<` lose their meaning."""
    return "\n".join(_table_lines(header, rows))


def _table_lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'|'.join(' --- ' for _ in header)}|"
    for row in rows:
        cells = (" ".join(cell.split()).replace("|", "\\|").replace("<", "&lt;") for cell in row)
        yield f"| {' | '.join(cells)} |"


def code(text: str) -> str:
    """Return text as it is written, in code style; a text that holds a backtick is put in two."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def linked(text: str) -> str:
    """Return text with its whole addresses as links; one that was shortened (`.../`) is none."""
    parts, end = [], 0
    for found in _URL.finditer(text):
        url = found[0].rstrip(".")
        if "..." not in url:
            parts += [_plain(text[end : found.start()]), f"[{_plain(url)}]({url})"]
            end = found.start() + len(url)
    return "".join([*parts, _plain(text[end:])])


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_\[\]])", r"\\\1", text).replace("<", "&lt;")


def anchor(heading: str) -> str:
    """Return the anchor that a heading gets: lower case, blanks as hyphens, other marks gone."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.lower()))
