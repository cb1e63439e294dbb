"""How a refresh, its checks and the state of the warehouse look in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.markup import escape

from pipeline.desk.terminal.console import SHOWN_ROWS, console, new_table, number, show_table


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
    show_checks(report["checks"])


def show_checks(checks: Sequence[Mapping[str, Any]]) -> None:
    """Show how many checks passed, and those that did not."""
    failed = [c for c in checks if not c["passed"]]
    console.print(f"{len(checks) - len(failed)} of {len(checks)} checks passed")
    show_failed(failed)


def show_failed(failed: Iterable[Mapping[str, Any]]) -> None:
    """Show checks that failed, each with its first rows."""
    for check in failed:
        colour = "red" if check["severity"] == "ERROR" else "yellow"
        console.print(f"[{colour}]{check['severity']}[/{colour}] {check['name']}: {escape(check['message'])}")
        for row in check.get("rows", ())[:SHOWN_ROWS]:
            console.print(f"  {escape(str(row.get('reason') or _in_words(row)))}")


def _in_words(row: Mapping[str, Any]) -> str:
    """Return a failing row in words: its place, then what is said of it, and at the end what to do."""
    said = {name: value for name, value in row.items() if value not in (None, "")}
    remedy = f"; {said.pop('remedy')}" if "remedy" in said else ""
    place = ""
    if "file" in said and "extract" in said:
        del said["extract"]  # the file says it
        line = said.pop("line", said.pop("first_line", None))
        place = f"{said.pop('file')}{'' if line is None else f':{line}'}: "
    return place + ", ".join(f"{name} {value}" for name, value in said.items()) + remedy


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
    for finding in status["chain"]["findings"]:
        console.print(f"[red]log[/red] {escape(finding)}", soft_wrap=True)
    if status["extracts"]:
        counts = ("lines", "counted", "uncounted", "rejected", "set aside")
        table = new_table("extract", *counts, right=counts)
        for e in status["extracts"]:
            cells = (number(e[k]) for k in ("lines", "counted", "uncounted", "rejected", "set_aside"))
            table.add_row(escape(e["extract_id"]), *cells)
        show_table(table)
    for refused in status["refused"]:
        console.print(f"[red]refused[/red] {escape(refused['name'])}: {escape(refused['reason'])}")
    if status["checks"]:
        show_checks(status["checks"])
    _show_waiting(status["waiting"], status["undrafted"])


def _show_waiting(entries: Sequence[Mapping[str, Any]], undrafted: Sequence[str]) -> None:
    for entry in entries:
        ref = escape(entry["ref"])
        console.print(f"[yellow]waiting[/yellow] [bold]{ref}[/bold]: {escape(', '.join(entry['files']))}")
        for problem in entry["problems"]:
            console.print(f"  cannot be added: {escape(problem)}")
        for note in entry["notes"]:
            console.print(f"  {escape(note)}")
        if entry["problems"]:
            console.print("  mend it in raw/inbox/, or take it out")
        elif entry["questions"]:
            keys = ", ".join(question["key"] for question in entry["questions"])
            console.print(f"  `foi add --resume {ref}` asks {escape(keys)}")
        else:
            console.print(f"  `foi add --resume {ref}` adds it; nothing is asked")
    if undrafted:
        console.print(
            f"in raw/inbox/, not drafted yet: {escape(', '.join(undrafted))} (`make dev` drafts what is quiet)"
        )
