"""How labels, their codes and what a code would change look in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape

from pipeline.desk.terminal.console import (
    SHOWN_FIGURES,
    SHOWN_LINES,
    SHOWN_ROWS,
    console,
    new_table,
    number,
    show_table,
    value_of,
)


def show_worklist(found: Mapping[str, Any]) -> None:
    """Show the labels that no reference table reads, the most frequent first, each with its places."""
    for name, words in (("labels", "to be mapped"), ("invalid", "that are no age or day")):
        if not found[name]:
            continue
        table = new_table("records", "dimension", "label", "status", "first in", right=("records",))
        for label in found[name]:
            cells = (label["dimension"], repr(label["label"]), label["status"], _places(label["places"]))
            table.add_row(number(label["n"]), *map(escape, cells))
        console.print(f"[bold]{len(found[name])} labels {words}[/bold]")
        show_table(table)
    if not found["labels"]:
        console.print(f"release {found['release']}: nothing to be mapped here")


def _places(places: Sequence[Mapping[str, Any]]) -> str:
    more = f"; and {len(places) - SHOWN_ROWS} more extracts" if len(places) > SHOWN_ROWS else ""
    return "; ".join(f"{p['extract_id']} line {p['first_line']} ({p['n']})" for p in places[:SHOWN_ROWS]) + more


def show_suggestions(found: Mapping[str, Any]) -> None:
    """Show what labels may be near to, with the row that is near and how near it is."""
    for entry in found["suggestions"]:
        records = "" if entry["n"] is None else f", {number(entry['n'])} records"
        console.print(f"[bold]{escape(repr(entry['label']))}[/bold] ({entry['vocabulary']}{records})")
        for c in entry["candidates"]:
            why = f"{c['score']:g} of 100 near {c['because']['label']!r}"
            console.print(f"  {escape(c['code'])} ({escape(c['name'])}): {escape(why)}")
        if not entry["candidates"]:
            console.print("  nothing is near")
    if not found["suggestions"]:
        console.print("nothing to be mapped")


def show_coded(rows: Sequence[Mapping[str, Any]]) -> None:
    """Show what labels are coded as."""
    table = new_table("label", "code", "name", "status", "rule")
    for row in rows:
        code = row["code"]
        if isinstance(code, Mapping):
            code = " ".join(f"{name}={value}" for name, value in code.items() if value is not None)
        elif isinstance(code, list):
            code = ", ".join(code)
        cells = (repr(row["label"]), code or "–", row["name"] or "–", row["status"], row["rule"])
        table.add_row(*map(escape, cells))
    show_table(table)


def show_effect(report: Mapping[str, Any]) -> None:
    """Show what a row would change: labels, then figures with their old and new value."""
    console.print(f"{escape(report['file'])}\n  {escape(report['line'])}", soft_wrap=True)
    for label in report["labels"][:SHOWN_LINES]:
        words = f"{label['label']!r} in {label['extract_id']}: {label['before']} -> {label['after']}"
        console.print(f"  {number(label['n']):>6} records  {escape(words)}")
    figures = report["figures"]
    console.print(f"[bold]{number(len(figures))} figures differ[/bold]" if figures else "no figure differs")
    for figure in figures[:SHOWN_FIGURES]:
        values = (_side(figure, side) for side in ("before", "after"))
        console.print(f"  {escape(figure['id'])}: {escape(' -> '.join(values))}")
    if len(figures) > SHOWN_FIGURES:
        console.print(f"  … and {number(len(figures) - SHOWN_FIGURES)} more (--json)")


def _side(figure: Mapping[str, Any], side: str) -> str:
    if figure[side] is None:
        return "no such figure"
    reason = figure[side]["reason"]
    return value_of({"unit": figure["unit"], **figure[side]}) + (f" ({reason})" if reason else "")
