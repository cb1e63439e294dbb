"""The generated page of the figure tables: what each is, and what every column is made from."""

from __future__ import annotations

from pipeline.desk.markdown import table
from pipeline.figures.catalogue import SCOPE, TABLES, CountedTable, DerivedTable
from pipeline.figures.sources import figure_sources
from pipeline.lineage import columns


def figures_page() -> str:
    """Return docs/figures.md: every figure table with its definition, its id and its columns."""
    parts = [
        "# Figure tables",
        "Generated from `pipeline/figures/catalogue.py`, `pipeline/figures/sources.py` and `schemas/columns.py` by "
        "`make docs`; do not edit. *Made from* names the columns one step up: without a dot those of the same row, "
        "`disclosure` the keys of the manifest. `foi lineage TABLE.COLUMN` goes on up to the extract. Which lines are "
        "behind one figure, `foi trace` tells.",
    ]
    for name, declared in TABLES.items():
        parts += [f"## {name}", declared.definition, _facts(declared), _columns(name)]
    return "\n\n".join(parts) + "\n"


def _facts(declared: CountedTable | DerivedTable) -> str:
    if isinstance(declared, CountedTable):
        identity = "/".join((declared.name, *(f"<{part}>" for part in (*SCOPE, *declared.dimensions))))
        return f"Counts {declared.counts}s. Id: `{identity}`."
    parents = ", ".join(f"[{parent}](#{parent})" for parent in declared.parents)
    return f"Derived from {parents or 'the observations and manifests'}. Unit: {declared.unit}."


def _columns(name: str) -> str:
    declared = columns.assets()[name]
    return table(
        ("column", "unit", "description", "made from"),
        [
            (
                f"`{column}`",
                declared[column].unit,
                f"{declared[column].description[:1].upper()}{declared[column].description[1:]}.",
                ", ".join(f"`{source}`" for source in sources) or "the same in every row",
            )
            for column, sources in figure_sources(name).items()
        ],
    )
