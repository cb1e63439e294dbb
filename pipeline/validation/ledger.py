"""The ledger: every physical line and, in tables of counts, every cell, in exactly one class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipeline.store.duck import parquet
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


def extract_ledger(
    db: duckdb.DuckDBPyConnection, validated: Validated, observations: Path, feeds: str
) -> ExtractLedger:
    """Return the ledger of one extract.

    `feeds` is the SQL condition, over an observation `o`, that it feeds a counted figure table. Lines set aside or
    rejected come from the reader and the gate, lines counted from the observations: three accounts, one sum.
    """
    account = validated.source.account
    line_range = validated.extract.line_range
    expected = account["file_lines"] if line_range is None else line_range[1] - line_range[0] + 1
    ledger = ExtractLedger(validated.extract.extract_id, expected)
    for item in account["set_aside"]:
        ledger.lines[("set_aside", item["rule"])] += item["lines"]
    first_rule = f"select record_no, min(rule) as rule, any_value(lines) as lines from {parquet(validated.rejected)}"
    for rule, lines in db.execute(f"select rule, sum(lines) from ({first_rule} group by 1) group by 1").fetchall():
        ledger.lines[("rejected", rule)] += int(lines)
    records = (
        f"select s.record_no, a.kind, s.lines, coalesce(f.fed, false) as fed from {parquet(validated.accepted)} a "
        f"join {parquet(validated.source.path)} s using (record_no) left join (select o.record_no, "
        f"bool_or({feeds}) as fed from {parquet(observations)} o group by 1) f using (record_no)"
    )
    for kind, fed, lines in db.execute(f"select kind, fed, sum(lines) from ({records}) group by all").fetchall():
        key = ("set_aside", "total") if kind == "total" else ("counted" if fed else "uncounted", "accepted")
        ledger.lines[key] += int(lines)
    if validated.extract.terms.layout == "counts":
        _count_cells(db, ledger, validated, observations, feeds)
    return ledger


def _count_cells(
    db: duckdb.DuckDBPyConnection, ledger: ExtractLedger, validated: Validated, observations: Path, feeds: str
) -> None:
    query = (
        "select case when c.cell_class <> 'data' then c.cell_class when f.fed then 'counted' else 'uncounted' end, "
        f"count(*) from (select distinct record_no, source_column, cell_class from {parquet(validated.cells)}) c "
        f"left join (select o.record_no, o.source_column, bool_or({feeds}) as fed from {parquet(observations)} o "
        "group by all) f using (record_no, source_column) group by 1"
    )
    for cell_class, cells in db.execute(query).fetchall():
        ledger.cells[cell_class] += int(cells)
    ledger.cells_expected = validated.report["validated"] * validated.source.account["width"]


def ledgers(
    db: duckdb.DuckDBPyConnection, accepted: Sequence[tuple[Validated, Path]], feeds: str
) -> list[ExtractLedger]:
    """Return the ledger of every accepted extract, in the order given."""
    return [extract_ledger(db, validated, observations, feeds) for validated, observations in accepted]
