"""How figures and what is behind them look in a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape

from pipeline.desk.terminal.console import (
    SHOWN_FIGURES,
    SHOWN_LINES,
    console,
    new_table,
    number,
    part_of,
    show_table,
    value_of,
)

BEHIND = (
    "numerator",
    "denominator",
    "type_1_only",
    "not_yet_assigned",
    "no_outcome_printed",
    "not_notifiable",
    "cancelled",
    "fraud",
)
"""Columns of derived figures that a reader needs beside the value."""


def show_figures(found: Mapping[str, Any], table_name: str | None) -> None:
    """Show a list of figures, or of figure tables."""
    if "tables" in found:
        table = new_table("table", "figures", "with value", "what", right=("figures", "with value"))
        for t in found["tables"]:
            table.add_row(t["name"], number(t["figures"]), number(t["with_value"]), escape(t["title"]))
        show_table(table)
        console.print("`foi figures TABLE` lists one; made-up figures only with --synthetic.")
        return
    figures = found["figures"]
    table = new_table("figure", "value", "lines", "note", right=("value", "lines"))
    for f in figures[:SHOWN_FIGURES]:
        notes = [
            f["reason"],
            None if f["complete"] == "yes" else f["complete"],
            "part" if f["part"] else None,
        ]
        table.add_row(escape(f["id"]), value_of(f), number(f["n"]), escape("; ".join(n for n in notes if n)))
    show_table(table)
    if len(figures) > SHOWN_FIGURES:
        console.print(f"… and {len(figures) - SHOWN_FIGURES} more; --where or --json")
    if not figures:
        console.print(f"No figure{f' in {table_name}' if table_name else ''} with these values.")
        for name, values in found["values"].items():
            console.print(f"  {name}: {escape(', '.join(values))}")
        if found["hidden"]:
            console.print(f"  {found['hidden']} made-up or superseded ones: --synthetic, --superseded")


def show_trace(found: Mapping[str, Any], every: bool) -> None:
    """Show a figure with its lines."""
    figure = found["figure"]
    console.print(f"[bold]{escape(figure['id'])}[/bold] = [bold]{value_of(figure)}[/bold]")
    if figure["reason"]:
        console.print(f"  no value: {escape(figure['reason'])}" if figure["value"] is None else f"  {figure['reason']}")
    if behind := [name for name in BEHIND if figure.get(name) is not None]:
        console.print("  " + ", ".join(f"{name.replace('_', ' ')} {number(figure[name])}" for name in behind))
    if figure["complete"] != "yes":
        console.print(f"  {escape(figure['complete'])}")
    console.print(escape(found["definition"]), style="dim")
    for parent in found["parents"][:SHOWN_LINES]:
        console.print(f"  from {escape(parent['id'])} = {value_of(parent)}")
    if len(found["parents"]) > SHOWN_LINES:
        console.print(f"  … and {len(found['parents']) - SHOWN_LINES} more parents (--json)")
    _show_lines(found, every)
    for name in dict.fromkeys(x["dimension"] for x in found["labels"]):
        console.print(f"{name}: {escape(label_words([x for x in found['labels'] if x['dimension'] == name]))}")
    for constant in found["constants"]:
        where = (
            f"said in {constant['said_at']}" if constant["said_at"] else "said in the manifest, which says not where"
        )
        console.print(f"{constant['dimension']}: {escape(constant['value'])} ({escape(where)}; not in the lines)")
    for control in found["controls"]:
        console.print(
            f"control: {control['kind']} {escape(control['place'])}: {number(control['stated'])} printed, "
            f"sum {number(control['sum_min'])}: {control['verdict']}"
        )
    for caveat in found["caveats"]:
        console.print(f"[yellow]caveat[/yellow] {escape(caveat['text'])}")


def _show_lines(found: Mapping[str, Any], every: bool) -> None:
    lines = found["lines"]
    if not lines:
        console.print(f"No lines: {escape(found['why_no_lines'] or '')}")
        return
    shown = lines if every else lines[:SHOWN_LINES]
    file = None
    for line in shown:
        if line["file"] != file:
            file = line["file"]
            console.print(f"[bold]{escape(file)}[/bold]{part_of(line['address'])}  sha256 {line['sha256'][:16]}…")
        differs = "" if line["as_ingested"] else "  [red](the file no longer says this)[/red]"
        console.print(f"  line {line['line_no']:>6}  {escape(line['text'])}{differs}")
    if len(lines) > len(shown):
        console.print(f"  … and {len(lines) - len(shown)} more (--all)")


def label_words(labels: Sequence[Mapping[str, Any]]) -> str:
    """Return labels as `TikTok 312 = 'TikTok' 201 + 'tiktok' 77`, code by code."""
    totals: Counter[str] = Counter()
    for label in labels:
        totals[label["code"]] += label["n"]
    parts = []
    for code, total in totals.items():
        spelt = " + ".join(f"'{x['label']}' {x['n']:,}" for x in labels if x["code"] == code)
        parts.append(f"{code} {total:,} = {spelt}")
    return "; ".join(parts)
