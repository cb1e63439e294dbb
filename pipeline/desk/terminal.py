"""How the verbs look in a terminal."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

PIPED_WIDTH = 160
"""Columns where nobody's terminal says how many there are."""


def _console() -> Console:
    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(highlight=False, soft_wrap=not known, width=None if known else PIPED_WIDTH)


console = _console()
errors = Console(stderr=True, highlight=False)

SHOWN_LINES = 20
SHOWN_FIGURES = 200
SHOWN_ROWS = 3


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


@contextmanager
def progress(quiet: bool) -> Iterator[Callable[[str], None]]:
    """Yield a function that is told what is going on and shows it on standard error."""
    if quiet:
        yield lambda words: None
        return
    with errors.status("") as state:
        yield lambda words: state.update(escape(words))


def number(value: float | int | None) -> str:
    """Return a figure as people write it."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def value_of(figure: Mapping[str, Any]) -> str:
    """Return the value of a figure with its unit, or its interval, or a dash."""
    unit = "%" if figure["unit"] == "percent" else f" {figure['unit'].replace('_', ' ')}"
    if figure["value"] is not None:
        return number(figure["value"]) + unit
    if figure["value_min"] is not None:
        upper = "or more" if figure["value_max"] is None else f"to {number(figure['value_max'])}"
        return f"{number(figure['value_min'])} {upper}{unit}"
    return "–"


def _table(*columns: str, right: Sequence[str] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


def show_refresh(report: Mapping[str, Any]) -> None:
    """Show what a refresh did."""
    extracts = report["extracts"]
    console.print(f"[bold]{escape(report['message'])}[/bold]")
    console.print(
        f"{len(extracts['new'])} extracts new, {len(extracts['reused'])} reused, {len(extracts['refused'])} refused; "
        f"{report['records']['rejected']} records rejected, {report['labels']['unmapped']} labels unmapped"
    )
    for refused in extracts["refused"]:
        console.print(f"[red]refused[/red] {escape(refused['extract_id'])}")
        for line in refused["reason"].splitlines():
            console.print(f"  {escape(line)}")
    _show_checks(report["checks"])


def _show_checks(checks: Sequence[Mapping[str, Any]]) -> None:
    failed = [c for c in checks if not c["passed"]]
    console.print(f"{len(checks) - len(failed)} of {len(checks)} checks passed")
    _show_failed(failed)


def _show_failed(failed: Iterable[Mapping[str, Any]]) -> None:
    for check in failed:
        colour = "red" if check["severity"] == "ERROR" else "yellow"
        console.print(f"[{colour}]{check['severity']}[/{colour}] {check['name']}: {escape(check['message'])}")
        for row in check.get("rows", ())[:SHOWN_ROWS]:
            words = row.get("reason") or ", ".join(f"{k} {v}" for k, v in row.items() if v not in (None, ""))
            console.print(f"  {escape(str(words))}")


def show_status(status: Mapping[str, Any]) -> None:
    """Show the release in force."""
    release = status["release"]
    if release is None:
        console.print("Nothing is published yet; run `foi refresh`.")
    else:
        console.print(
            f"[bold]Release {release['number']}[/bold] {release['digest'][:12]}, published {release['published_at']}"
        )
    if status["held"]:
        console.print(f"[yellow]Publication is held at release {status['held']['release']}[/yellow] since "
                      f"{status['held']['since']}; `foi refresh --resume` ends it.")  # fmt: skip
    if status["log_broken_at"]:
        console.print(f"[red]The release log is broken at line {status['log_broken_at']}[/red]")
    if status["extracts"]:
        counts = ("lines", "counted", "uncounted", "rejected", "set aside")
        table = _table("extract", *counts, right=counts)
        for e in status["extracts"]:
            cells = (number(e[k]) for k in ("lines", "counted", "uncounted", "rejected", "set_aside"))
            table.add_row(escape(e["extract_id"]), *cells)
        console.print(table)
    for refused in status["refused"]:
        console.print(f"[red]refused[/red] {escape(refused['name'])}: {escape(refused['reason'])}")
    if status["checks"]:
        _show_checks(status["checks"])


def show_figures(found: Mapping[str, Any], table_name: str | None) -> None:
    """Show a list of figures, or of figure tables."""
    if "tables" in found:
        table = _table("table", "figures", "with value", "what", right=("figures", "with value"))
        for t in found["tables"]:
            table.add_row(t["name"], number(t["figures"]), number(t["with_value"]), escape(t["title"]))
        console.print(table)
        console.print("`foi figures TABLE` lists one; made-up figures only with --synthetic.")
        return
    figures = found["figures"]
    table = _table("figure", "value", "lines", "note", right=("value", "lines"))
    for f in figures[:SHOWN_FIGURES]:
        notes = [
            f["reason"],
            None if f["complete"] == "yes" else f["complete"],
            "part" if f["part"] else None,
        ]
        table.add_row(escape(f["id"]), value_of(f), number(f["n"]), escape("; ".join(n for n in notes if n)))
    console.print(table)
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
        said = f", said in {constant['said_at']}" if constant["said_at"] else ""
        console.print(
            f"{constant['dimension']}: {escape(constant['value'])} (from the letter{escape(said)}; not in the lines)"
        )
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
            part = f"  sheet {line['sheet']}" if line["sheet"] else ""
            part += f"  table {line['letter_table']}" if line["letter_table"] else ""
            console.print(f"[bold]{escape(file)}[/bold]{escape(part)}  sha256 {line['sha256'][:16]}…")
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


def show_check(report: Mapping[str, Any]) -> None:
    """Show whether a disclosure folder would be accepted."""
    if report["accepted"]:
        console.print(f"[green]{escape(report['disclosure'])} would be accepted[/green]")
    else:
        console.print(f"[red]{escape(report['disclosure'])} would be refused[/red]")
    for refused in report["refused"]:
        for line in refused["reason"].splitlines():
            console.print(f"  {escape(line)}")
    for e in report["extracts"]:
        console.print(
            f"  {escape(e['extract_id'])}: {e['records']} records on {e['lines']} lines, {e['rejected']} rejected, "
            f"{len(e['unmapped'])} labels unmapped"
        )
        for label in e["unmapped"][:10]:
            console.print(f"    unmapped {label['dimension']}: {escape(repr(label['label']))} ({label['n']})")
    if report["checks"]:
        _show_failed(report["checks"])


def show_reading(file: str, report: Mapping[str, Any]) -> None:
    """Show what the reader makes of a file: how it is written, the first records, and every line that is none."""
    if refused := report.get("refused"):
        console.print(f"[red]{escape(file)} is refused[/red]")
        console.print(escape(refused["reason"]))
        return
    delimiter = {"\t": "tab", None: "none, one column"}.get(report["delimiter"], report["delimiter"])
    header = f"header on line {report['header_line']}" if report["header_line"] else "no header"
    counts = ", ".join(f"{len(report[name])} {name.replace('_', ' ')}" for name in ("records", "rejected", "set_aside"))
    console.print(f"{escape(file)}: {report['encoding']}, delimiter {escape(str(delimiter))}, {header}; {counts}")
    for warning in report["warnings"]:
        console.print(f"[yellow]warning[/yellow] {escape(warning)}")
    table = _table("line", *(escape(name) for name in report["columns"]), right=("line",))
    for record in report["records"][:SHOWN_LINES]:
        table.add_row(str(record["line_no"]), *map(escape, record["values"]))
    console.print(table)
    if (more := len(report["records"]) - SHOWN_LINES) > 0:
        console.print(f"... and {more} more records; --json has all")
    for name, colour in (("rejected", "red"), ("set_aside", "dim")):
        for item in report[name][:SHOWN_LINES]:
            words = f"{name.replace('_', ' ')}: line {item['line_no']}, {item['rule']}: {escape(item['text'])}"
            console.print(f"[{colour}]{words}[/{colour}]")
        if (more := len(report[name]) - SHOWN_LINES) > 0:
            console.print(f"... and {more} more {name.replace('_', ' ')}")


def show_added(report: Mapping[str, Any]) -> None:
    """Show what became of files that arrived: the disclosure, or what a person must still say."""
    for words in report["unsure"]:
        console.print(f"[yellow]look at[/yellow] {escape(words)}")
    if report["added"] is None:
        console.print("[bold]nothing is written yet; answer with --answer KEY=TEXT[/bold]")
        for question in report["questions"]:
            proposed = f" (proposed: {question['proposed']})" if question["proposed"] else ""
            console.print(f"  {escape(question['key'])}: {escape(question['words'] + proposed)}")
        return
    added = report["added"]
    console.print(f"[bold]{escape(added['folder'])}[/bold]: {escape(', '.join(added['kept'] + added['already']))}")
    for file, others in added["duplicates"].items():
        console.print(f"[yellow]the same bytes[/yellow] {escape(file)}: {escape(', '.join(others))}")
    show_check(added["check"])
    console.print(f"read {escape(added['manifest'])} before the next `foi refresh`")
