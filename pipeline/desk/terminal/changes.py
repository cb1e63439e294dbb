"""How the changes between two releases, or two answers, look in a terminal: a summary first, then each figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape

from pipeline.desk.terminal.console import SHOWN_ROWS, console, new_table, number, show_table, value_of

SHOWN_CHANGES = 50
"""Figures that are shown of each list; --json has all."""

_LISTS = {
    "added": "added",
    "removed": "removed",
    "changed": "changed",
    "same_value": "of the same value, counted from other lines",
    "unknown": "not known to be the same",
}

_ALWAYS = ("added", "removed", "changed")
"""Lists whose number is told where it is 0 too."""

_CAUSES = {
    "new": "lines new",
    "gone": "lines gone",
    "withdrawn": "withdrawn",
    "revised": "lines revised",
    "recoded": "label re-coded",
    "moved": "lines moved",
    "rule": "counted otherwise",
    "absence": "zero by absence",
    "unknown": "may have changed by",
}

_KINDS = {
    "new": "new",
    "gone": "gone",
    "revised": "revised",
    "new_from_file": "of the same file taken that were not",
    "gone_from_file": "of the same file not taken any more",
}


def show_changes(found: Mapping[str, Any]) -> None:
    """Show what changed, and why: a summary, then the figures with their parts."""
    _show_summary(found)
    for name, words in _LISTS.items():
        figures = found["figures"][name]
        if figures:
            console.print(f"[bold]{words}[/bold]")
        for figure in figures[:SHOWN_CHANGES]:
            _show_figure(figure)
        if (more := len(figures) - SHOWN_CHANGES) > 0:
            console.print(f"… and {number(more)} more {words} (--json, --table, --figure)")
    _show_said_otherwise(found["said_otherwise"])


def _show_summary(found: Mapping[str, Any]) -> None:
    numbers = {name: len(found["figures"][name]) for name in _LISTS}
    console.print(f"[bold]{escape(_sides(found))}[/bold]", soft_wrap=True)
    for gone in found["withdrawals"]:
        console.print(
            f"release {found['a']['number']} was removed when {escape(gone['disclosure'])} was withdrawn on "
            f"{gone['date']} ({escape(gone['reason'])}): its values are not held; other figures are the same where "
            "digests in the log prove it",
            soft_wrap=True,
        )
    one = found["asked"]
    if one is not None and not any(numbers.values()):
        console.print(f"{escape(one['id'])} is the same in both: {_value(one, 'after')}", soft_wrap=True)
        return
    if not any(numbers.values()):
        of_those = "" if not found["made_up"] else " but for made-up ones"
        console.print(f"Nothing changed{of_those}: {number(found['same'])} figures are the same.")
    elif one is None:
        counted = ", ".join(f"{number(n)} {_LISTS[name]}" for name, n in numbers.items() if n or name in _ALWAYS)
        console.print(f"figures: {counted}; {number(found['same'])} the same")
    if found["made_up"]:
        differ = "differ or may" if found["withdrawals"] else "differ"
        console.print(f"{number(found['made_up'])} more of made-up extracts {differ} (--synthetic)", style="dim")
    for name, ids in found["extracts"].items():
        if ids and one is None:
            shown = ", ".join(ids[:SHOWN_ROWS]) + (
                f" and {len(ids) - SHOWN_ROWS} more" if len(ids) > SHOWN_ROWS else ""
            )
            console.print(f"extracts {name.replace('_', ' ')}: {escape(shown)}", soft_wrap=True)
    if found["lines"] and one is None:
        kinds = ", ".join(f"{number(n)} {_KINDS[kind]}" for kind, n in found["lines"].items())
        console.print(f"lines: {kinds}")
    if found["causes"]:
        table = new_table("cause", "what", "lines", "figures", right=("lines", "figures"))
        for cause in found["causes"][:SHOWN_CHANGES]:
            what = escape(_what(cause))
            table.add_row(_CAUSES[cause["cause"]], what, number(cause["lines"]), number(cause["figures"]))
        show_table(table)
        if (more := len(found["causes"]) - SHOWN_CHANGES) > 0:
            console.print(f"… and {number(more)} more causes (--json)")


def _sides(found: Mapping[str, Any]) -> str:
    if found["answers"] is not None:
        answers = found["answers"]
        return f"release {found['b']['number']}: {answers['newer']} {answers['word']} {answers['older']}"
    a, b = (f"release {found[side]['number']} ({found[side]['published_at']})" for side in "ab")
    return f"{a} -> {b}"


def _show_figure(figure: Mapping[str, Any]) -> None:
    console.print(f"{escape(figure['id'])}: {_values(figure)}", soft_wrap=True)
    for part in figure["parts"]:
        _show_part(part, "  ")
    for parent in figure["parents"]:
        console.print(f"  by {escape(parent['id'])}: {_values(parent)}", soft_wrap=True)
        for part in parent.get("parts", ()):
            _show_part(part, "    ")


def _show_part(part: Mapping[str, Any], margin: str) -> None:
    what = _what(part)
    words = f"{_CAUSES[part['cause']]}{': ' if what else ''}{what}"
    places = _places(part["lines"])
    more = f" and {number(part['n'] - SHOWN_ROWS)} more" if (part["n"] or 0) > SHOWN_ROWS else ""
    shown = f"  [dim]{escape('; '.join(places))}{more}[/dim]" if places else ""
    console.print(f"{margin}{_delta(part):>6}  {escape(words)}{shown}", soft_wrap=True)


def _delta(part: Mapping[str, Any]) -> str:
    """Return what a part adds: one number, or the least and the most, with the counts that have no end."""
    low, high, without_end = part["delta_min"], part["delta_max"], part["delta_open"]
    if low is None:
        return ""
    signed = [f"{n:+,}" if n else "0" for n in (low, high)]
    shown = " to ".join(dict.fromkeys(signed))
    return shown + (f" ({without_end:+,} without an end)" if without_end else "")


def _what(part: Mapping[str, Any]) -> str:
    what = part["what"]
    if "extract_id" in what:
        return str(what["extract_id"])
    if "disclosure" in what:
        return f"{what['disclosure']}, of which extract is not held"
    return "; ".join(_difference(one) for one in what["differs"])


def _difference(one: Mapping[str, Any]) -> str:
    before, after = ("nothing" if one[side] is None else str(one[side]) for side in ("before", "after"))
    if one["label"] is None:
        return f"{one['column']} {before!r} -> {after!r}"
    source = f" ({one['source']})" if one["source"] else ""
    return f"{one['column']} {one['label']!r}: {before} -> {after}{source}"


def _places(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return where the first lines stand, file:line; both places of a line that is on both sides and not the same."""
    found = []
    for line in lines[:SHOWN_ROWS]:
        places = [
            place["file"]
            + f":{place['line_no']}"
            + (f" column {place['source_column']}" if place["source_column"] else "")
            for side in ("before", "after")
            if (place := line[side]) is not None
        ]
        found.append(" -> ".join(dict.fromkeys(places)))
    return found


_NOT_HELD = {"removed": "withdrawn", "changed": "withdrawn", "unknown": "not held"}
"""What is told of a value that a withdrawal took, or took with its release, by how the figure changed."""


def _values(figure: Mapping[str, Any]) -> str:
    """Return both values of a figure, with how many lines are behind it where they look the same."""
    if figure["before"] is None and figure["change"] in _NOT_HELD:
        after = "none" if figure["after"] is None else _value(figure, "after")
        return f"{_NOT_HELD[figure['change']]} -> {after}"
    values = [_value(figure, side) for side in ("before", "after")]
    if values[0] == values[1]:
        values = [
            f"{value} of {number(figure[s]['n'])} lines" for value, s in zip(values, ("before", "after"), strict=True)
        ]
    return " -> ".join(values)


def _value(figure: Mapping[str, Any], side: str) -> str:
    values = figure[side]
    if values is None:
        return "none"
    reason = f" ({values['reason']})" if values["reason"] else ""
    return escape(value_of(values) + reason)


def _show_said_otherwise(said: Sequence[Mapping[str, Any]]) -> None:
    if said:
        console.print("[bold]said otherwise of figures[/bold]")
    for one in said[:SHOWN_CHANGES]:
        before, after = ("nothing" if one[side] is None else str(one[side]) for side in ("before", "after"))
        words = f"{one['column']} of {number(one['figures'])}: {before} -> {after}; the first {one['first']}"
        console.print("  " + escape(words), soft_wrap=True)
