"""The ledger: every physical line and, in tables of counts, every cell, in exactly one class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.normalisation.relation import make_observation
from pipeline.store.duck import memory, parquet
from pipeline.validation.gate import Validated

LINE_CLASSES = ("counted", "uncounted", "rejected", "set_aside")
CELL_CLASSES = ("counted", "uncounted", "unknown", "total", "label", "ignored")


@dataclass
class ExtractLedger:
    """The account of one extract.

    `file_lines` are the physical lines of the extract, counted from the line ends alone. `lines` has (class, rule)
    -> physical lines, `cells` has class -> cells, of `cells_expected`. It balances where nothing is left over.
    """

    extract_id: str
    file_lines: int
    lines: Counter[tuple[str, str]] = field(default_factory=Counter)
    cells: Counter[str] = field(default_factory=Counter)
    cells_expected: int = 0

    def lines_of(self, line_class: str) -> int:
        """Return the physical lines of one class."""
        return sum(n for (kind, _), n in self.lines.items() if kind == line_class)

    @property
    def balances(self) -> bool:
        """True where every line and every cell is in exactly one class."""
        return sum(self.lines.values()) == self.file_lines and sum(self.cells.values()) == self.cells_expected

    @property
    def words(self) -> str:
        """The account in one line."""
        parts = ", ".join(f"{self.lines_of(c)} {c.replace('_', ' ')}" for c in LINE_CLASSES)
        return f"{self.extract_id}: {self.file_lines} lines = {parts}"


def ledgers(accepted: Sequence[tuple[Validated, Path]], feeds: str) -> list[ExtractLedger]:
    """Return the ledger of every accepted extract, in the order given: its verdict with the path of its observations.

    `feeds` is the SQL condition, over an observation `o`, that it feeds a counted figure table. Lines set aside or
    rejected come from the reader and the gate, lines counted from the observations: three accounts, one sum.
    """
    found = {validated.extract.extract_id: _opened(validated) for validated, _ in accepted}
    if not found:
        return []
    of_records = [v for v, _ in accepted if v.extract.terms.layout == "records"]
    of_counts = [v for v, _ in accepted if v.extract.terms.layout == "counts"]
    with memory() as db:
        make_observation(db, [path for _, path in accepted], often=True)
        rejected = (
            "select extract_id, rule, sum(lines) from (select extract_id, record_no, min(rule) as rule, "
            f"any_value(lines) as lines from {parquet(*(v.rejected for v, _ in accepted))} group by all) group by all"
        )
        for extract_id, rule, lines in db.execute(rejected).fetchall():
            found[extract_id].lines[("rejected", rule)] += int(lines)
        accounts = [_lines_of_records(of_records, feeds)] if of_records else []
        accounts += [_lines_of_counts(of_counts, feeds)] if of_counts else []
        for account in accounts:
            for extract_id, is_total, fed, lines in db.execute(account).fetchall():
                key = ("set_aside", "total") if is_total else ("counted" if fed else "uncounted", "accepted")
                found[extract_id].lines[key] += int(lines)
        for extract_id, cell_class, n in db.execute(_cells(of_counts, feeds)).fetchall() if of_counts else ():
            found[extract_id].cells[cell_class] += int(n)
    return list(found.values())


def _lines_of_records(accepted: Sequence[Validated], feeds: str) -> str:
    """Return the query of the physical lines of records: extract, is a total, feeds a table, lines.

    All lines come from the verdicts, those that feed a table from the observations. A record is one observation, and
    what it feeds follows from its extract and its period: asked once for each label.
    """
    return (
        "with verdict as (select extract_id, kind, sum(lines) as lines "
        f"from {parquet(*(v.accepted for v in accepted))} group by all), "
        "alike as (select extract_id, period_label, kind, part_no, layout, "
        "any_value(dimensions) as dimensions, any_value(constants) as constants, any_value(uncertain) as uncertain, "
        "sum(lines) as lines from observation where layout = 'records' group by all), "
        f"fed as (select o.extract_id, sum(o.lines) as lines from alike o where {feeds} group by all) "
        "select extract_id, false, true, lines from fed union all "
        "select v.extract_id, v.kind = 'total', false, v.lines - coalesce(f.lines, 0) from verdict v "
        "left join fed f on f.extract_id = v.extract_id and v.kind = 'data' where v.lines <> coalesce(f.lines, 0)"
    )


def _lines_of_counts(accepted: Sequence[Validated], feeds: str) -> str:
    """Return the query of the physical lines of tables of counts: extract, is a total, feeds a table, lines."""
    return (
        "select a.extract_id, a.kind = 'total', coalesce(f.fed, false), sum(a.lines) "
        f"from {parquet(*(v.accepted for v in accepted))} a left join "
        f"(select o.extract_id, o.record_no, bool_or({feeds}) as fed from observation o where o.layout = 'counts' "
        "group by all) f using (extract_id, record_no) group by all"
    )


def _cells(accepted: Sequence[Validated], feeds: str) -> str:
    """Return the query of the cells of tables of counts: extract, class, cells."""
    return (
        "select c.extract_id, case when c.cell_class <> 'data' then c.cell_class when f.fed then 'counted' "
        "else 'uncounted' end, count(*) from (select distinct extract_id, record_no, source_column, cell_class "
        f"from {parquet(*(v.cells for v in accepted))}) c left join (select o.extract_id, o.record_no, "
        f"o.source_column, bool_or({feeds}) as fed from observation o where o.layout = 'counts' group by all) f "
        "using (extract_id, record_no, source_column) group by all"
    )


def _opened(validated: Validated) -> ExtractLedger:
    """Return the ledger of an extract with what has to be accounted for, and the lines that the reader set aside."""
    account, line_range = validated.source.account, validated.extract.line_range
    ledger = ExtractLedger(
        validated.extract.extract_id,
        account["file_lines"] if line_range is None else line_range[1] - line_range[0] + 1,
    )
    if validated.extract.terms.layout == "counts":
        ledger.cells_expected = validated.report["validated"] * account["width"]
    for item in account["set_aside"]:
        ledger.lines[("set_aside", item["rule"])] += item["lines"]
    return ledger
