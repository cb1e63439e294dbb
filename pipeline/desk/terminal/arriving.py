"""How a file, a disclosure and a draft look in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.padding import Padding

from pipeline.desk.terminal.console import SHOWN_LINES, console, new_table, part_of, show_table
from pipeline.desk.terminal.publishing import show_failed


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
        show_failed(report["checks"])


def show_reading(file: str, report: Mapping[str, Any]) -> None:
    """Show what the reader makes of a file: how it is written, the first records, and every line that is none."""
    if refused := report.get("refused"):
        console.print(f"[red]{escape(file)} is refused[/red]")
        console.print(escape(refused["reason"]))
        return
    for part in report.get("parts", (report,)):
        _show_part(file, part)


def _show_part(file: str, report: Mapping[str, Any]) -> None:
    counts = ", ".join(f"{len(report[name])} {name.replace('_', ' ')}" for name in ("records", "rejected", "set_aside"))
    console.print(f"{escape(file)}{part_of(report.get('address'))}: {escape(_written(report))}; {counts}")
    for warning in report["warnings"]:
        console.print(f"[yellow]warning[/yellow] {escape(warning)}")
    table = new_table("line", *(escape(name) for name in report["columns"]), right=("line",))
    for record in report["records"][:SHOWN_LINES]:
        table.add_row(str(record["line_no"]), *map(escape, record["values"]))
    show_table(table)
    if (more := len(report["records"]) - SHOWN_LINES) > 0:
        console.print(f"... and {more} more records; --json has all")
    for name, colour in (("rejected", "red"), ("set_aside", "dim")):
        for item in report[name][:SHOWN_LINES]:
            words = f"{name.replace('_', ' ')}: line {item['line_no']}, {item['rule']}: {escape(item['text'])}"
            console.print(f"[{colour}]{words}[/{colour}]")
        if (more := len(report[name]) - SHOWN_LINES) > 0:
            console.print(f"... and {more} more {name.replace('_', ' ')}")


def _written(report: Mapping[str, Any]) -> str:
    """Return how a file is written: its encoding and delimiter where it is lines, and where its header stands."""
    header = f"header on line {report['header_line']}" if report["header_line"] else "no header"
    if report.get("address") is not None:
        return header
    delimiter = {"\t": "tab", None: "none, one column"}.get(report["delimiter"], report["delimiter"])
    return f"{report['encoding']}, delimiter {delimiter}, {header}"


def show_added(report: Mapping[str, Any]) -> None:
    """Show what became of files that arrived: the disclosure, or what a person must still say."""
    for words in report["unsure"]:
        console.print(f"[yellow]look at[/yellow] {escape(words)}")
    for file, others in report["duplicates"].items():
        console.print(f"[yellow]the same bytes[/yellow] {escape(file)}: {escape(', '.join(others))}")
    if report["added"] is None:
        for line in report["draft"].splitlines():
            value, mark, _ = line.partition("# ?")  # the question itself is asked below
            console.print(escape(value) + (f"[yellow]{mark}[/yellow]" if mark else ""))
        console.print("[bold]nothing is written yet; answer with --answer KEY=TEXT[/bold]")
        _show_questions(report["questions"])
        return
    added = report["added"]
    console.print(f"[bold]{escape(added['folder'])}[/bold]: {escape(', '.join(added['kept'] + added['already']))}")
    if added["already"] and not added["kept"]:
        console.print("these were there already; nothing new is written but what is said below")
    show_check(added["check"])
    for place in added.get("aside", ()):
        console.print(f"not kept in raw/, now at {escape(place)}: move it to where letters are kept, or delete it")
    for words in added["to_do"]:
        console.print(f"[yellow]to do[/yellow] {escape(words)}")
    console.print(f"read {escape(added['manifest'])}; the next refresh takes it as it stands")


def _show_questions(questions: Sequence[Mapping[str, Any]]) -> None:
    for question in questions:
        proposed = f" (proposed: {question['proposed']})" if question["proposed"] else ""
        console.print(f"  [bold]{escape(question['key'])}[/bold]")
        console.print(Padding(escape(question["words"] + proposed), (0, 0, 0, 4)), soft_wrap=False)
