"""How column lineage looks in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.markup import escape
from rich.tree import Tree

from pipeline.desk.terminal.console import console, new_table, number, show_table


def show_tables(found: Mapping[str, Any]) -> None:
    """Show which tables have columns."""
    table = new_table("table", "columns", "first of them", right=("columns",))
    for one in found["tables"]:
        table.add_row(one["table"], number(len(one["columns"])), escape(", ".join(one["columns"][:6])))
    show_table(table)
    console.print("`foi lineage TABLE` lists the columns of one, `foi lineage TABLE.COLUMN` what one is made from.")


def show_table_lineage(found: Mapping[str, Any]) -> None:
    """Show the columns of a table, each with what it is made from."""
    table = new_table("column", "made from", "what")
    for one in found["columns"]:
        name = one["column"].removeprefix(f"{found['table']}.")
        sources = ", ".join(source.removeprefix(f"{found['table']}.") for source in one["made_from"])
        table.add_row(name, escape(sources or "–"), escape(one["description"]))
    show_table(table)


def show_column_lineage(found: Mapping[str, Any]) -> None:
    """Show what a column is made from, or what is made from it, as a tree; each column is opened once."""
    relation = "makes" if found["direction"] == "down" else "made_from"
    declared = {one["column"]: one for one in found["columns"]}
    opened: set[str] = set()

    def grow(name: str) -> Tree:
        one = declared[name]
        beyond = one[relation]
        again = name in opened and bool(beyond)
        branch = Tree(f"[bold]{escape(name)}[/bold]  {escape(one['description'])}" + (" (above)" if again else ""))
        if not again:
            opened.add(name)
            for other in beyond:
                branch.children.append(grow(other))
        return branch

    console.print(grow(found["column"]))
    if not declared[found["column"]][relation]:
        console.print("Nothing is made from it." if found["direction"] == "down" else "It is made from no column.")


def show_headers(found: Sequence[Mapping[str, Any]]) -> None:
    """Show which printed column of which extract plays a part."""
    table = new_table("extract", "part", "column", "header", right=("column",))
    for one in found:
        header = "(none)" if one["header"] is None else repr(one["header"])
        table.add_row(escape(one["extract_id"]), one["part"], number(one["position"]), escape(header))
    show_table(table)
