"""How figures and what is behind them look in a terminal."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
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
    part_of,
    show_table,
    tell,
    value_of,
)
from pipeline.lineage.trace import Trace
from pipeline.lineage.trace.finding import table_of

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


def show_trace(found: Trace) -> None:
    """Show a figure with its lines."""
    about = found.about
    figure = about["figure"]
    console.print(f"[bold]{escape(figure['id'])}[/bold] = [bold]{value_of(figure)}[/bold]", soft_wrap=True)
    if figure["reason"]:
        console.print(f"  no value: {escape(figure['reason'])}" if figure["value"] is None else f"  {figure['reason']}")
    if behind := [name for name in BEHIND if figure.get(name) is not None]:
        console.print("  " + ", ".join(f"{name.replace('_', ' ')} {number(figure[name])}" for name in behind))
    if figure["complete"] != "yes":
        console.print(f"  {escape(figure['complete'])}")
    console.print(escape(about["definition"]), style="dim")
    _show_parents(about)
    _show_lines(found)
    for name in dict.fromkeys(x["dimension"] for x in about["labels"]):
        _show_labels(name, [x for x in about["labels"] if x["dimension"] == name])
    for constant in about["constants"]:
        where = (
            f"said in {constant['said_at']}" if constant["said_at"] else "said in the manifest, which says not where"
        )
        console.print(f"{constant['dimension']}: {escape(constant['value'])} ({escape(where)}; not in the lines)")
    for control in about["controls"]:
        show_control(control)
    for caveat in about["caveats"]:
        console.print(f"[yellow]caveat[/yellow] {escape(caveat['text'])}")
    _show_checks(about)


def show_control(control: Mapping[str, Any]) -> None:
    """Show how a printed total compares with its parts."""
    console.print(
        f"control: {control['kind']} {escape(control['place'])}: {number(control['stated'])} printed, "
        f"sum {number(control['sum_min'])}: {control['verdict']}"
    )


def _show_parents(about: Mapping[str, Any]) -> None:
    parents = about["parents"]
    if about["formula"]:
        console.print(f"  = {escape(about['formula'])}")
    for parent in parents[:SHOWN_LINES]:
        console.print(f"  from {escape(parent['id'])} = {value_of(parent)}", soft_wrap=True)
    if len(parents) > SHOWN_LINES:
        console.print(f"  … and {len(parents) - SHOWN_LINES} more parents (--json)")


def _show_lines(found: Trace) -> None:
    n = found.about["figure"]["n"]
    if found.about["why_no_lines"] is not None:
        console.print(f"No lines: {escape(found.about['why_no_lines'])}")
        return
    file, shown = None, 0
    for line in found.lines:
        here = (line["file"], line["address"])
        if here != file:
            file = here
            console.print(
                f"[bold]{escape(line['file'])}[/bold]{part_of(line['address'])}  sha256 {line['sha256'][:16]}…"
            )
        cells = ", ".join(cell["cell"] for cell in line["cells"] if cell["cell"])
        _show_text(f"  line {line['line_no']:>6}  ", line, cells)
        shown += 1
    if n > shown:
        console.print(f"  … {shown:,} of {n:,} lines shown (--all)")


def _show_text(before: str, line: Mapping[str, Any], cells: str = "") -> None:
    """Show what a line says in its file, and where that is not what was ingested, both."""
    at = f"  [dim]{cells}[/dim]" if cells else ""
    if line["text"] is None:
        remark = "  [red](as ingested; it cannot be read back from the file)[/red]"
        console.print(f"{before}{escape(line['ingested_text'])}{at}{remark}")
        return
    remark = "" if line["as_ingested"] else "  [red](the file says this now)[/red]"
    console.print(f"{before}{escape(line['text'])}{at}{remark}")
    if not line["as_ingested"]:
        console.print(f"{'ingested':>{max(10, len(before) - 2)}}  {escape(line['ingested_text'])}")


def _show_labels(dimension: str, labels: Sequence[Mapping[str, Any]]) -> None:
    console.print(f"{dimension}: {escape(label_words(labels))}")
    rows = list(dict.fromkeys((x["rule"], x["source"]) for x in labels))
    for rule, source in rows[:SHOWN_ROWS]:
        console.print(
            f"  by {escape(rule)}{escape(f', seen in {source}') if source else ''}", style="dim", soft_wrap=True
        )
    if len(rows) > SHOWN_ROWS:
        console.print(f"  by {len(rows) - SHOWN_ROWS} more rules and rows (--json)", style="dim")


def _show_checks(about: Mapping[str, Any]) -> None:
    checks, release = about["checks"], about["release"]
    failed = [check for check in checks if not check["passed"] and check["here"] != 0]
    console.print(
        f"release {release['number']} of {release['published_at'][:10]}, digest {release['digest'][:16]}…; "
        f"{len(checks) - len(failed)} of {len(checks)} checks found nothing in what this figure is of"
    )
    for check in failed:
        here = "" if check["here"] is None else f", {number(check['here'])} in its extracts"
        console.print(f"  [yellow]{check['severity']}[/yellow] {check['name']}: {escape(check['message'])}{here}")


def write_json(found: Trace, sql: str) -> None:
    """Write a trace as one JSON document with its SQL, its lines last and as they come."""
    out = sys.stdout
    about = json.dumps(found.about | {"sql": sql}, ensure_ascii=False, indent=1, default=str)
    out.write(about.removesuffix("\n}") + ',\n "lines": [')
    between = "\n  "
    for line in found.lines:
        out.write(between + json.dumps(line, ensure_ascii=False, default=str))
        between = ",\n  "
    out.write("\n ]\n}\n")


LINE_COLUMNS = (
    *("extract_id", "file", "place", "sha256", "record_no", "line_no", "lines"),
    *("as_ingested", "text", "ingested_text"),
)
"""The columns of a trace as CSV. `text` is empty where the file no longer has the line."""


def write_csv(found: Trace) -> None:
    """Write the lines of a trace as CSV with a header, a row for each; how many are left out goes to standard error."""
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(LINE_COLUMNS)
    shown = 0
    for line in found.lines:
        rows.writerow([line[name] for name in LINE_COLUMNS])
        shown += 1
    if (n := found.about["figure"]["n"]) > shown:
        tell(f"{shown:,} of {n:,} lines; --all writes all")


def show_why(found: Mapping[str, Any]) -> None:
    """Show what became of a line, in each extract that has it."""
    for answer in found["answers"]:
        last = answer["line_no"] + answer["lines"] - 1
        lines = f"line {answer['line_no']}" + (f" to {last}" if answer["lines"] > 1 else "")
        record = f", record {answer['record_no']}" if answer["record_no"] else ""
        console.print(f"[bold]{escape(answer['extract_id'])}[/bold], {lines}{record}{part_of(answer['address'])}")
        _show_text("  ", answer)
        rule = "" if answer["rule"] == "accepted" else f" ({answer['rule']})"
        console.print(f"  [bold]{answer['class'].replace('_', ' ')}[/bold]{rule}: {escape(answer['words'])}")
        for row in answer["rejected"]:
            column = f"column {row['column_name']}: " if row["column_name"] else ""
            told = f"{column}found {row['value']}, expected {row['expected']}"
            console.print(f"  rejected by {escape(row['rule'])}: {escape(told)}")
        for row in answer["flagged"]:
            console.print(f"  listed by {escape(row['rule'])}: {row['column_name']} {escape(str(row['value']))}")
        _show_cells(answer["cells"])
        _show_counted(answer)
        for label in answer["labels"]:
            source = f", seen in {label['source']}" if label["source"] else ""
            told = f"{label['dimension']}: {label['label']!r} is {label['code']}, by {label['rule']}{source}"
            console.print(escape(told), style="dim")
        for control in answer["controls"]:
            show_control(control)


def _show_cells(cells: Sequence[Mapping[str, Any]]) -> None:
    for cell in cells:
        place = cell["cell"] or f"column {cell['column']}"
        header = f" {cell['header']!r}" if cell["header"] else ""
        why_not = f": {cell['why_not']}" if cell["why_not"] else ""
        console.print(escape(f"  {place}{header} {cell['printed']!r}: {cell['class']}{why_not}"))


def _show_counted(answer: Mapping[str, Any]) -> None:
    """Show the figures that a line is in: counted, printed and derived."""
    for figure in answer["figures"]:
        console.print(f"  in {escape(figure['id'])} = {value_of(figure)}", soft_wrap=True)
    for figure in answer["printed"][:SHOWN_LINES]:
        console.print(f"  printed as {escape(figure['id'])} = {value_of(figure)}", soft_wrap=True)
    if len(answer["printed"]) > SHOWN_LINES:
        console.print(f"  … and {len(answer['printed']) - SHOWN_LINES} more printed figures (--json)")
    derived = answer["derived"]
    if 0 < len(derived) <= SHOWN_ROWS:
        for figure in derived:
            console.print(f"  on these stands {escape(figure['id'])} = {value_of(figure)}", soft_wrap=True)
    elif derived:
        tables = Counter(table_of(figure["id"]) for figure in derived)
        standing = ", ".join(f"{number(n)} {name}" for name, n in tables.items())
        console.print(f"  on these stand {standing} (--json names them)")


def show_search(found: Mapping[str, Any]) -> None:
    """Show what was found, kind by kind."""
    totals = found["totals"]
    if not any(totals.values()):
        console.print(f"Nothing has {escape(' and '.join(found['words']))}; made-up figures only with --synthetic.")
        return
    if found["figures"]:
        table = new_table("figure", "value", "lines", right=("value", "lines"))
        for figure in found["figures"]:
            table.add_row(escape(figure["id"]), value_of(figure), number(figure["n"]))
        show_table(table)
        _show_rest(totals["figures"], len(found["figures"]), "figures")
    if found["labels"]:
        table = new_table("label", "is", "times", "first line", "in", right=("times", "first line"))
        for row in found["labels"]:
            told = f"{row['dimension']} {row['code']}"
            table.add_row(
                escape(row["label"]), escape(told), number(row["n"]), str(row["first_line"]), escape(row["extract_id"])
            )
        show_table(table)
        _show_rest(totals["labels"], len(found["labels"]), "labels")
    if found["disclosures"]:
        table = new_table("disclosure", "answered", "decision", "title")
        for row in found["disclosures"]:
            table.add_row(
                escape(row["disclosure"]), str(row["responded"] or "–"), row["decision"], escape(row["title"] or "–")
            )
        show_table(table)
        _show_rest(totals["disclosures"], len(found["disclosures"]), "disclosures")


def _show_rest(total: int, shown: int, what: str) -> None:
    if total > shown:
        console.print(f"… {shown} of {total:,} {what} (--limit)")


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
