"""How the answers to one question in time look in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape

from pipeline.desk.terminal.console import SHOWN_LINES, console, new_table, number, show_table


def show_vintages(found: Mapping[str, Any]) -> None:
    """Show the answers to one question in time, and what changed from each to the next."""
    if not found["chains"]:
        console.print("No answer in the release replaces or corrects another one.")
    for chain in found["chains"]:
        numbers = {answer["disclosure"]: str(at) for at, answer in enumerate(chain["answers"], 1)}
        counts = ("records", "rejected", "figures")
        table = new_table("", "answer", "answered", "table", *counts, "state", right=("", *counts))
        for answer in chain["answers"]:
            given = answer["responded"] or answer["published"] or answer["received"] or "not stated"
            later = ", ".join(numbers[name] for name in answer["superseded_by"])
            first = (numbers[answer["disclosure"]], escape(answer["disclosure"]), str(given))
            state = f"superseded by {later}" if later else "in force"
            for own in answer["tables"] or [{"table_id": "–", **dict.fromkeys(counts)}]:
                table.add_row(*first, escape(own["table_id"]), *(number(own[name]) for name in counts), state)
                first, state = ("", "", ""), ""
        show_table(table)
        for words, said_of in _as_at(chain["answers"]).items():
            console.print(f"{', '.join(numbers[name] for name in said_of)}: {escape(words)}", style="dim")
        for change in chain["changes"]:
            console.print(
                f"[bold]{numbers[change['newer']]} {change['word']} {numbers[change['older']]}[/bold]: what changed"
            )
            _show_change(change)
    if found["chains"] and not any(chain["changes"] for chain in found["chains"]):
        console.print("`foi vintages <force>/<reference>` says what changed.")


def _as_at(answers: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return what is said of the day of the data, with the answers it is said of."""
    found: dict[str, list[str]] = {}
    for answer in answers:
        for words in dict.fromkeys(t["as_at"] for t in answer["tables"] if t["as_at"]):
            found.setdefault(words, []).append(answer["disclosure"])
    return found


def _show_change(change: Mapping[str, Any]) -> None:
    """Show what changed from one answer to the one that replaces it, table by table."""
    for name, tables in (("older", change["only_older"]), ("newer", change["only_newer"])):
        if tables:
            console.print(f"  only in the {name}: {escape(', '.join(tables))}")
    for table in change["tables"]:
        if table["why_not"] is not None:
            console.print(f"  {escape(table['table_id'])}: {table['why_not']}")
        else:
            _show_pairing(table)


def _show_pairing(table: Mapping[str, Any]) -> None:
    """Show how the lines of one table pair with those of its later vintage."""
    from pipeline.lineage.pairing import REPEATS

    records = table["layout"] == "records"
    line, mark = ("line", "reference") if records else ("cell", "labels")
    parts = ", ".join(f"{number(table[name])} {name}" for name in ("equal", "revised", "gone", "new"))
    console.print(
        f"  {escape(table['table_id'])}: {number(table['before'])} {line}s, then {number(table['after'])}: {parts}"
    )
    if table["not_compared"]:
        console.print(f"  not compared, since one of the two lacks it: {escape(', '.join(table['not_compared']))}")
    if table["columns"]:
        differ = ", ".join(f"{name} ({number(n)})" for name, n in table["columns"].items())
        nothing = f"; in all else the {line}s of both are equal" if table["nothing_else"] else ""
        console.print(f"  revised {line}s differ in {escape(differ)}{nothing}")
    for change in table["changes"][:SHOWN_LINES]:
        values = (repr(change[side] or "") for side in ("before", "after"))
        console.print(f"  {number(change['n']):>8}  {escape(' -> '.join(values))}")
    if (more := len(table["changes"]) - SHOWN_LINES) > 0:
        console.print(f"  … and {more} more kinds of change (--json)")
    for name in ("gone", "new"):
        for why, n in table[f"why_{name}"].items():
            unsure = "; which line became which is not guessed" if why == REPEATS else ""
            console.print(f"  {number(n)} {name}: the {mark} {escape(why)}{unsure}")
    if records and table["joined"] > table["joined_from"]:
        shared = [f"{number(side['repeated'])} stand on {number(side['lines'])} lines" for side in table["repeats"]]
        console.print(
            f"  [yellow]the reference is no key[/yellow]: {', then '.join(dict.fromkeys(shared))}; joining on it would "
            f"make {number(table['joined'])} rows of {number(table['joined_from'])} lines"
        )
