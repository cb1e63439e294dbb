"""The figure catalogue: every figure table, declared once as pure data.

SQL, Dagster assets, trace predicates, ids, the data dictionary and the independent recount are all derived from
these declarations, so that what is counted and what is traced cannot drift apart. No lambdas, no SQL.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

SCOPE = ("disclosure", "table_id", "unit", "date_basis", "year_basis")
"""What every counted figure is within, besides its own dimensions."""

FIGURE_COLUMNS = (
    *("id", "force", *SCOPE),
    *("period_start", "period_end", "part"),
    *("value", "value_min", "value_max", "n"),
    *("reason", "complete", "evidence", "synthetic", "superseded_by", "caveats"),
)
"""The columns that every figure table has, as schemas/figure.py describes them; dimensions stand beside them."""


@dataclass(frozen=True)
class CountedTable:
    """Counts of observations by dimensions.

    `counts`: "mention" counts an observation once for each platform its cell names; "observation" counts it once.
    """

    name: str
    title: str
    counts: Literal["mention", "observation"]
    dimensions: tuple[str, ...]

    @property
    def period_kind(self) -> Literal["month", "year"]:
        """The period dimension it has; every counted table has one."""
        return "month" if "month" in self.dimensions else "year"

    @property
    def definition(self) -> str:
        """What is counted, in words."""
        what = "mentions of a platform" if self.counts == "mention" else "counts"
        by = " and ".join(self.dimensions)
        return (
            f"{self.title}: {what} by {by}, within one table of one disclosure. A records table counts its records "
            "that have these dimensions; a table of counts feeds it only if these are exactly its own dimensions. "
            "Totals, unknown cells and values whose column cannot be proved are not counted."
        )


@dataclass(frozen=True)
class DerivedTable:
    """Figures made of other figures. `parents` are the tables they come from; `rule` says how, in words."""

    name: str
    title: str
    parents: tuple[str, ...]
    unit: str
    rule: str

    @property
    def definition(self) -> str:
        """What is derived, in words."""
        return f"{self.title}: {self.rule}"


COUNTED = (
    CountedTable("platform_month", "Mentions of a platform, by month", "mention", ("platform", "month")),
    CountedTable("platform_year", "Mentions of a platform, by year", "mention", ("platform", "year")),
    CountedTable(
        "platform_offence_year",
        "Mentions of a platform, by offence and year",
        "mention",
        ("platform", "offence", "year"),
    ),
    CountedTable(
        "platform_outcome_year",
        "Mentions of a platform, by outcome and year",
        "mention",
        ("platform", "outcome", "year"),
    ),
    CountedTable(
        "platform_age_year",
        "Mentions of a platform, by age band and year",
        "mention",
        ("platform", "age", "year"),
    ),
    CountedTable("crimes_month", "Counts by month", "observation", ("month",)),
    CountedTable("crimes_year", "Counts by year", "observation", ("year",)),
    CountedTable("offence_year", "Counts by offence and year", "observation", ("offence", "year")),
    CountedTable("outcome_year", "Counts by outcome and year", "observation", ("outcome", "year")),
    CountedTable(
        "offence_outcome_year",
        "Counts by offence, outcome and year",
        "observation",
        ("offence", "outcome", "year"),
    ),
    CountedTable("age_year", "Counts by age band and year", "observation", ("age", "year")),
)

_YEAR_TABLES = tuple(t.name for t in COUNTED if t.period_kind == "year")
_ALL_COUNTED = tuple(t.name for t in COUNTED)

PRINTED = DerivedTable(
    "printed",
    "Cells as printed",
    (),
    "as printed",
    "one figure for each printed cell of every table of counts, totals included, with its labels as printed; "
    "never summed.",
)
YEAR_CHANGE = DerivedTable(
    "year_change",
    "Change from one year to the next",
    _YEAR_TABLES,
    "percent",
    "100 x (later - earlier) / earlier of two adjacent whole years of one cell, to one decimal; none where a "
    "count is not exact, a year is part, the table is cut, recording changed between them, or the earlier count "
    "is below 20.",
)
PERIOD_SUM = DerivedTable(
    "period_sum",
    "Sum over adjacent periods",
    _ALL_COUNTED,
    "as the parents",
    "the sum of one cell over the longest run of adjacent whole periods of equal kind, the latest where two runs "
    "are as long.",
)
CHARGE_RATE = DerivedTable(
    "charge_rate",
    "Charge rate",
    ("crimes_year", "offence_year", "outcome_year", "offence_outcome_year"),
    "percent",
    "100 x crimes with outcome 1 or 1A / crimes, to one decimal; both without offences that are not notifiable, "
    "cancelled records and fraud passed on (outcome 19).",
)
PLATFORM_SHARE = DerivedTable(
    "platform_share",
    "Share of a platform in all mentions",
    ("platform_year",),
    "percent",
    "100 x mentions of the platform / mentions of all platforms in the same table and year, to one decimal; only "
    "where the platform is a column of the table. Cells without a platform are no mentions.",
)
FORCES_PLATFORM_YEAR = DerivedTable(
    "forces_platform_year",
    "Mentions of a platform, by year, over forces asked the same",
    ("platform_year",),
    "as the parents",
    "the sum over forces that answered the same question on the same basis, naming which and who is missing.",
)
COVERAGE = DerivedTable(
    "coverage",
    "Who answered what",
    (),
    "extracts",
    "the number of extracts held of the answer of one force to one question, with its decision.",
)
DERIVED = (
    PRINTED,
    YEAR_CHANGE,
    PERIOD_SUM,
    CHARGE_RATE,
    PLATFORM_SHARE,
    FORCES_PLATFORM_YEAR,
    COVERAGE,
)

TABLES: dict[str, CountedTable | DerivedTable] = {t.name: t for t in (*COUNTED, *DERIVED)}


def as_json() -> list[dict[str, Any]]:
    """Return the catalogue as plain JSON, in order, each table with its definition in words."""
    return [
        {
            **asdict(t),
            "kind": "counted" if isinstance(t, CountedTable) else "derived",
            "definition": t.definition,
        }
        for t in TABLES.values()
    ]
