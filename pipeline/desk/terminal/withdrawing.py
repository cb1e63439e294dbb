"""How a withdrawal looks in a terminal: what goes, what is out of our reach, what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape

from pipeline.desk.terminal.console import SHOWN_LINES, console

_HERE = {
    "changed": "another file is there now",
    "locked": "still there: it may not be removed",
    "gone": "no longer there",
}
"""What is at the place of an export or pack that was written with what is withdrawn."""


def show_plan(report: Mapping[str, Any]) -> None:
    """Show what would be taken, before a person is asked."""
    console.print(f"[bold]Withdraw {escape(report['disclosure'])}[/bold]: {escape(report['reason'])}")
    _show_taken(report, "would go")


def show_withdrawal(report: Mapping[str, Any]) -> None:
    """Show what was taken, or would be, and what is left to do."""
    if not report["withdrawn"]:
        show_plan(report)
        console.print("Nothing was touched; without --dry-run it is.")
    else:
        console.print(f"[bold]Withdrawn: {escape(report['disclosure'])}[/bold], {escape(report['reason'])}")
        _show_taken(report, "gone")
    _show_out_of_reach(report)
    if report["withdrawn"]:
        force = report["in_force"]
        state = f"Release {force} is in force." if force else "No release is in force."
        console.print(f"{state} `foi refresh` publishes without what was withdrawn.")


def _show_taken(report: Mapping[str, Any], word: str) -> None:
    extracts = report["extracts"]
    console.print(f"{len(extracts)} extracts, {len(report['figures'])} figures counted from them or derived")
    _show_list(f"files {word}", report["removed_files"])
    for archive in report["removed_archives"]:
        if archive["others"]:
            _show_list(f"{escape(archive['file'])} goes with all that is in it; also", archive["others"])
    counts = (
        ("folders of the store", len(report["removed_from_store"])),
        ("Dagster runs' events", len(report["forgotten_runs"])),
    )
    console.print("; ".join(f"{n} {what} {word}" for what, n in counts))
    releases = ", ".join(str(n) for n in report["removed_releases"]) or "none"
    console.print(f"releases {word}: {releases}; their lines in the log stay")


def _show_out_of_reach(report: Mapping[str, Any]) -> None:
    if report["not_looked_into"]:
        title = "[yellow]cannot be looked into[/yellow]; see whether what is withdrawn is in there"
        _show_list(title, report["not_looked_into"])
    here = _HERE | {"unchanged": "gone from there" if report["withdrawn"] else "would go from there"}
    noted = [
        f"{n['path']} ({n['at'][:10]}, sha256 {n['sha256'][:12]}; {here[n['here']]})" for n in report["handed_out"]
    ]
    if noted:
        _show_list("[yellow]handed out with it[/yellow]; ask for it back where it went", noted)
    if report["elsewhere"]:
        _show_list("[yellow]the same bytes are also here[/yellow]; withdraw these too", report["elsewhere"])
    if report["kept_by_git"]:
        _show_list("[yellow]version control still holds[/yellow]", report["kept_by_git"])
        console.print("To take it out of the history (it rewrites every commit; tell everybody who has a copy):")
        console.print(f"  {escape(report['purge'])}", soft_wrap=True)
    console.print("Backups, snapshots and freed disk blocks are not ours to reach.")


def _show_list(title: str, entries: Sequence[str]) -> None:
    console.print(f"{title}: {'none' if not entries else ''}".rstrip())
    for entry in entries[:SHOWN_LINES]:
        console.print(f"  {escape(entry)}")
    if len(entries) > SHOWN_LINES:
        console.print(f"  and {len(entries) - SHOWN_LINES} more (--json has all)")
