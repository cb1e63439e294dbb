"""What is wrong with a page or a table of a PDF, in words.

Every character of a table must stand wholly in one cell and be seen.
Not here: the reading of tables and lines (pdf.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pdfplumber.page import Page
    from pdfplumber.table import Table

WORD_GAP = 0.15
"""White space that parts two words, as a share of the size of the type; a space is 0.2 or more."""
_OVERHANG = 1.0
"""Points by which a character may stand over the side of its cell."""
_RULE_OVERHANG = 3.0
"""Points by which a rule may run on beyond its table: pdfplumber joins what is nearer."""

_Object = Mapping[str, Any]
Bbox = tuple[float, float, float, float]
Unseen = frozenset[tuple[str, float, float]]
"""Characters that are not seen: text, left and top."""


def unreadable(page: Page) -> str | None:
    """Return why nothing on a page can be read exactly, or None. An empty page has nothing to read."""
    if any(_area(image) > _area_of(page.bbox) / 2 for image in page.images):
        return "a page that is a picture: a scan, whose text, if any, a machine has guessed"
    if not any(char["text"].strip() for char in page.chars) and (page.images or page.curves or page.edges):
        return "a page without text: a scan"
    return None


def _area(item: _Object) -> float:
    return float((item["x1"] - item["x0"]) * (item["bottom"] - item["top"]))


def _area_of(bbox: Bbox) -> float:
    return (bbox[2] - bbox[0]) * (bbox[3] - bbox[1])


def table_faults(
    page: Page, table: Table, rows: Sequence[Sequence[str | None]], edges: Iterable[_Object], unseen: Unseen
) -> tuple[str, ...]:
    """Return what is wrong with a table, each fault once; `edges` are the rules of its page."""
    faults = [
        *_cell_faults(rows),
        *_rule_faults(edges, table.bbox),
        *_layer_faults(page, table.bbox),
        *_character_faults(page, table, unseen),
    ]
    return tuple(dict.fromkeys(faults))


def _cell_faults(rows: Sequence[Sequence[str | None]]) -> Iterator[str]:
    for row_no, row in enumerate(rows, 1):
        for column_no, cell in enumerate(row, 1):
            if cell is None:
                yield f"a merged or missing cell in row {row_no}, column {column_no}"


def _rule_faults(edges: Iterable[_Object], bbox: Bbox) -> Iterator[str]:
    """Yield what is wrong where rules run on beyond the outermost cells: a side of the table is open."""
    x0, top, x1, bottom = bbox
    for edge in edges:
        across = edge["orientation"] == "h"
        low, high, first, last = (top, bottom, x0, x1) if across else (x0, x1, top, bottom)
        at = edge["top" if across else "x0"]
        start, end = (edge["x0"], edge["x1"]) if across else (edge["top"], edge["bottom"])
        touches = low - 1 <= at <= high + 1 and start < last and end > first
        if touches and (start < first - _RULE_OVERHANG or end > last + _RULE_OVERHANG):
            yield "rules that run on beyond the cells: cells with an open side, which are not read"
            return


def _layer_faults(page: Page, bbox: Bbox) -> Iterator[str]:
    """Yield what lies over a table and is no text of the page."""
    if any(_overlap(image, bbox) for image in page.images):
        yield "a picture over the table"
    for note in page.annots:
        kind = str(note["data"].get("Subtype", "")).strip("/'")
        if kind != "Link" and _overlap(note, bbox):
            yield f"a form field or note over the table ({kind})"


def _overlap(item: _Object, bbox: Bbox) -> bool:
    x0, top, x1, bottom = bbox
    return bool(item["x0"] < x1 and item["x1"] > x0 and item["top"] < bottom and item["bottom"] > top)


def _character_faults(page: Page, table: Table, unseen: Unseen) -> Iterator[str]:
    """Yield what is wrong with the characters of a table: each must be seen and stand wholly in one cell."""
    x0, top, x1, bottom = table.bbox
    in_cell: dict[Bbox, list[_Object]] = {}
    for char in page.chars:
        across, down = _middle(char)
        if not char["text"].strip() or not top <= down < bottom or char["x1"] <= x0 or char["x0"] >= x1:
            continue
        cell = next((c for c in table.cells if c[0] <= across < c[2] and c[1] <= down < c[3]), None)
        if cell is None or char["x0"] < cell[0] - _OVERHANG or char["x1"] > cell[2] + _OVERHANG:
            yield f"text that runs over the side of a cell, at {char['text']!r}"
            continue
        over = 0.3 * (char["bottom"] - char["top"])
        if char["top"] < cell[1] - over or char["bottom"] > cell[3] + over:
            yield f"text that stands on a rule, at {char['text']!r}"
        in_cell.setdefault(cell, []).append(char)
    for chars in in_cell.values():
        yield from text_faults(chars, unseen)


def text_faults(chars: Sequence[_Object], unseen: Unseen) -> Iterator[str]:
    """Yield why the text of some characters may be another than what a reader sees."""
    from pdfplumber.utils.text import extract_words

    for char in chars:
        text = char["text"]
        if text.startswith("(cid:") or "\ufffd" in text or any("\ue000" <= one <= "\uf8ff" for one in text):
            yield "a character whose text the PDF does not say"
        if not char["upright"]:
            yield "turned text"
        if _key(char) in unseen:
            yield f"text that cannot be seen, at {text!r}"
    for one, other in pairwise(sorted(chars, key=lambda char: (round(char["top"]), char["x0"]))):
        width = min(one["x1"] - one["x0"], other["x1"] - other["x0"])
        if abs(one["top"] - other["top"]) < 1 and one["x1"] - other["x0"] > 0.6 * width:
            yield f"characters printed over each other, at {one['text']!r}"
    for word in extract_words([dict(char) for char in chars], return_chars=True, x_tolerance_ratio=WORD_GAP):
        sizes = {round(char["size"], 1) for char in word["chars"] if char["text"].isdigit()}
        if sizes and max(sizes) > 1.1 * min(sizes):
            yield f"digits of two sizes in {word['text']!r}, which may be a footnote mark"


def unseen_in(page: Page) -> Unseen:
    """Return the characters under a box that is drawn over them, of the colour of their ground, or off the page."""
    chars: list[tuple[int, _Object]] = []
    boxes: list[tuple[int, _Object]] = []
    for order, item in enumerate(page.iter_layout_objects(list(page.layout))):
        if item["object_type"] == "char" and item["text"].strip():
            chars.append((order, item))
        elif item["object_type"] == "rect" and item.get("fill"):
            boxes.append((order, item))
    found: set[tuple[str, float, float]] = set()
    for order, char in chars:
        under = [(drawn, box) for drawn, box in boxes if _holds(box, char)]
        ground = _rgb(under[-1][1].get("non_stroking_color")) if under else (1.0, 1.0, 1.0)
        colour = _rgb(char.get("non_stroking_color"))
        same = ground and colour and all(abs(a - b) < 0.1 for a, b in zip(ground, colour, strict=True))
        if same or (under and under[-1][0] > order) or not _overlap(char, page.bbox):
            found.add(_key(char))
    return frozenset(found)


def _key(char: _Object) -> tuple[str, float, float]:
    return char["text"], round(char["x0"], 2), round(char["top"], 2)


def _middle(char: _Object) -> tuple[float, float]:
    return (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2


def _holds(box: _Object, char: _Object) -> bool:
    across, down = _middle(char)
    return bool(box["x0"] <= across <= box["x1"] and box["top"] <= down <= box["bottom"])


def _rgb(colour: object) -> tuple[float, ...] | None:
    """Return a colour as red, green and blue from 0 to 1, or None where it is a pattern or not known."""
    parts = colour if isinstance(colour, tuple | list) else (colour,)
    if not all(isinstance(part, int | float) for part in parts):
        return None
    if len(parts) == 1:
        return (float(parts[0]),) * 3
    if len(parts) == 3:
        return tuple(float(part) for part in parts)
    if len(parts) == 4:
        return tuple((1 - float(part)) * (1 - float(parts[3])) for part in parts[:3])
    return None
