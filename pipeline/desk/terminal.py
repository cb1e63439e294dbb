"""How the verbs look in a terminal."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

PIPED_WIDTH = 160
"""Columns where nobody's terminal says how many there are."""

WIDEST = 10_000
"""Columns of a table that no terminal shows."""


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


def _show_table(table: Table) -> None:
    """Show a table; where nobody's terminal is known, with a row on one line, for other programs to read."""
    if not console.soft_wrap:
        console.print(table)
        return
    wide = Console(file=StringIO(), width=WIDEST, highlight=False)
    with wide.capture() as capture:
        wide.print(table)
    console.print("\n".join(line.rstrip() for line in capture.get().splitlines()), markup=False)


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
        _show_table(table)
    for refused in status["refused"]:
        console.print(f"[red]refused[/red] {escape(refused['name'])}: {escape(refused['reason'])}")
    if status["checks"]:
        _show_checks(status["checks"])
    _show_waiting(status["waiting"], status["undrafted"])


def show_figures(found: Mapping[str, Any], table_name: str | None) -> None:
    """Show a list of figures, or of figure tables."""
    if "tables" in found:
        table = _table("table", "figures", "with value", "what", right=("figures", "with value"))
        for t in found["tables"]:
            table.add_row(t["name"], number(t["figures"]), number(t["with_value"]), escape(t["title"]))
        _show_table(table)
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
    _show_table(table)
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
            console.print(f"[bold]{escape(file)}[/bold]{_part_of(line['address'])}  sha256 {line['sha256'][:16]}…")
        differs = "" if line["as_ingested"] else "  [red](the file no longer says this)[/red]"
        console.print(f"  line {line['line_no']:>6}  {escape(line['text'])}{differs}")
    if len(lines) > len(shown):
        console.print(f"  … and {len(lines) - len(shown)} more (--all)")


def _part_of(address: Mapping[str, Any] | None) -> str:
    """Return which part of its file an extract is, in words; empty for lines of text."""
    if address is None:
        return ""
    from pipeline.intake.cells import address_words

    return f"  {escape(address_words(address))}"


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
    for part in report.get("parts", (report,)):
        _show_part(file, part)


def _show_part(file: str, report: Mapping[str, Any]) -> None:
    counts = ", ".join(f"{len(report[name])} {name.replace('_', ' ')}" for name in ("records", "rejected", "set_aside"))
    console.print(f"{escape(file)}{_part_of(report.get('address'))}: {escape(_written(report))}; {counts}")
    for warning in report["warnings"]:
        console.print(f"[yellow]warning[/yellow] {escape(warning)}")
    table = _table("line", *(escape(name) for name in report["columns"]), right=("line",))
    for record in report["records"][:SHOWN_LINES]:
        table.add_row(str(record["line_no"]), *map(escape, record["values"]))
    _show_table(table)
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


def ask(question: Any) -> str:
    """Return what a person says to a question; the bare return key takes what is proposed."""
    console.print(f"[bold]{escape(question.key)}[/bold]: {escape(question.words)}")
    return str(
        click.prompt(">", default=question.proposed or "", show_default=bool(question.proposed), prompt_suffix=" ")
    )


def tell(words: str) -> None:
    """Tell a person something on standard error."""
    errors.print(escape(words))


def _show_questions(questions: Sequence[Mapping[str, Any]]) -> None:
    for question in questions:
        proposed = f" (proposed: {question['proposed']})" if question["proposed"] else ""
        console.print(f"  [bold]{escape(question['key'])}[/bold]")
        console.print(Padding(escape(question["words"] + proposed), (0, 0, 0, 4)), soft_wrap=False)


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


def show_vintages(found: Mapping[str, Any]) -> None:
    """Show the answers to one question in time, and what changed from each to the next."""
    if not found["chains"]:
        console.print("No answer in the release replaces or corrects another one.")
    for chain in found["chains"]:
        numbers = {answer["disclosure"]: str(at) for at, answer in enumerate(chain["answers"], 1)}
        counts = ("records", "rejected", "figures")
        table = _table("", "answer", "answered", "table", *counts, "state", right=("", *counts))
        for answer in chain["answers"]:
            given = answer["responded"] or answer["published"] or answer["received"] or "not stated"
            later = ", ".join(numbers[name] for name in answer["superseded_by"])
            first = (numbers[answer["disclosure"]], escape(answer["disclosure"]), str(given))
            state = f"superseded by {later}" if later else "in force"
            for own in answer["tables"] or [{"table_id": "–", **dict.fromkeys(counts)}]:
                table.add_row(*first, escape(own["table_id"]), *(number(own[name]) for name in counts), state)
                first, state = ("", "", ""), ""
        _show_table(table)
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


def show_worklist(found: Mapping[str, Any]) -> None:
    """Show the labels that no reference table reads, the most frequent first, each with its places."""
    for name, words in (("labels", "to be mapped"), ("invalid", "that are no age or day")):
        if not found[name]:
            continue
        table = _table("records", "dimension", "label", "status", "first in", right=("records",))
        for label in found[name]:
            cells = (label["dimension"], repr(label["label"]), label["status"], _places(label["places"]))
            table.add_row(number(label["n"]), *map(escape, cells))
        console.print(f"[bold]{len(found[name])} labels {words}[/bold]")
        _show_table(table)
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
    table = _table("label", "code", "name", "status", "rule")
    for row in rows:
        code = row["code"]
        if isinstance(code, Mapping):
            code = " ".join(f"{name}={value}" for name, value in code.items() if value is not None)
        elif isinstance(code, list):
            code = ", ".join(code)
        cells = (repr(row["label"]), code or "–", row["name"] or "–", row["status"], row["rule"])
        table.add_row(*map(escape, cells))
    _show_table(table)


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
