"""How a verification and a pack look in a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.markup import escape

from pipeline.desk.terminal.console import SHOWN_FIGURES, console, number


def show_verified(found: Mapping[str, Any]) -> None:
    """Show what a verification found."""
    for words in found["chain"]["findings"]:
        console.print(f"[red]log[/red] {escape(words)}")
    for difference in found["differences"][:SHOWN_FIGURES]:
        console.print(f"[red]{difference['kind']}[/red] {escape(difference['difference'])}")
    if len(found["differences"]) > SHOWN_FIGURES:
        console.print(f"and {number(len(found['differences']) - SHOWN_FIGURES)} more; --json has all")
    for note in found["notes"]:
        console.print(escape(note))
    figures = found["figures"]
    console.print(f"{number(figures['counted'])} figures counted again, {number(figures['derived'])} derived again")
    if found["rebuilt"] and not found["rebuilt"]["tables_that_differ"]:
        console.print(f"built anew from raw/: the same digest, {found['rebuilt']['digest'][:12]}")
    if found["ok"]:
        console.print(f"[bold green]Release {found['release']} holds[/bold green]")
    else:
        n = len(found["differences"]) + len(found["chain"]["findings"])
        console.print(f"[bold red]Release {found['release']} does not hold[/bold red]: {number(n)} differences")


def show_packed(found: Mapping[str, Any]) -> None:
    """Show what is in a pack."""
    console.print(f"[bold]{escape(found['file'])}[/bold]  sha256 {found['sha256']}")
    here = found["extracts"] - len(found["withheld"])
    console.print(f"release {found['release']}, {number(found['files'])} files, bytes of {number(here)} extracts")
    for withheld in found["withheld"]:
        console.print(f"  {escape(withheld['file'])}: {escape(withheld['why'])}")
    if found["local"]:
        console.print("[yellow]It has everything: not for handing on.[/yellow]")
    console.print("Unpacked, `python3 -I recount.py .` counts it again.")
