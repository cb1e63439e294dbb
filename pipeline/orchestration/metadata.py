"""What a person sees of an asset: columns, counts, previews, charts; and lineage of columns."""

import base64
import html
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import dagster as dg

from pipeline.lineage import columns
from pipeline.publication.checks import SPECS, Verdict
from pipeline.store.digests import ROOT

PREVIEW = 15
CATALOGUE = "pipeline/figures/catalogue.py"
LABELS = 440
"""Pixels of a chart that are kept for labels."""


def check_specs(asset: str) -> list[dg.AssetCheckSpec]:
    """Return the declared checks of an asset."""
    return [
        dg.AssetCheckSpec(name=s.check, asset=dg.AssetKey(asset), description=f"{s.description} ({s.severity})")
        for s in SPECS
        if s.asset == asset
    ]


def check_result(verdict: Verdict) -> dg.AssetCheckResult:
    """Return a verdict as Dagster shows it, its failing rows as a table."""
    metadata: dict[str, Any] = {"message": verdict.message}
    if verdict.failed:
        metadata["failing_rows"] = verdict.failed
    if verdict.rows:
        metadata["first_failing_rows"] = table(verdict.rows)
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(verdict.asset),
        check_name=verdict.check,
        passed=verdict.passed,
        severity=dg.AssetCheckSeverity(verdict.severity),
        description=verdict.message,
        metadata=metadata,
    )


def table(rows: Sequence[Mapping[str, Any]]) -> dg.TableMetadataValue:
    """Return rows as a metadata table; every cell a number, a truth value or text."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    records = [dg.TableRecord({n: _cell(row.get(n)) for n in names}) for row in rows]
    return dg.MetadataValue.table(records, schema=dg.TableSchema([dg.TableColumn(n) for n in names]))


def _cell(value: Any) -> str | int | float | bool:
    if isinstance(value, str | int | float | bool):
        return value
    return "" if value is None else "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def column_schema(model: Any, extra: Iterable[tuple[str, str, str]] = ()) -> dg.TableSchema:
    """Return the columns of a Pandera model, with description and unit; `extra` are (name, type, description)."""
    return dg.TableSchema([*_columns(model), *(dg.TableColumn(n, type=t, description=d) for n, t, d in extra)])


@cache
def _columns(model: Any) -> tuple[dg.TableColumn, ...]:
    """Return the columns of a model; made once, since every figure table shows those of the same one."""
    return tuple(
        dg.TableColumn(
            name,
            type=str(column.dtype) if column.dtype else "object",
            description=f"{column.description} ({(column.metadata or {}).get('unit', '')})",
            constraints=dg.TableColumnConstraints(nullable=bool(column.nullable), unique=bool(column.unique)),
        )
        for name, column in model.to_schema().columns.items()
    )


def figure_schema(name: str) -> dg.TableSchema:
    """Return the columns of a figure table: the common ones and its own."""
    from schemas.figure import Figure

    common = {column.name for column in _columns(Figure)}
    own = [(c, "str", f"{d.description} ({d.unit})") for c, d in columns.assets()[name].items() if c not in common]
    return column_schema(Figure, own)


@cache
def column_lineage(asset: str) -> dg.TableColumnLineage:
    """Return which columns of other assets each column of an asset is made from, as schemas/ and the catalogue say.

    `disclosure` is no asset of the graph: its columns are the keys of the manifests.
    """
    return dg.TableColumnLineage(
        {
            name: [dg.TableColumnDep(dg.AssetKey(above), column) for above, column in columns.inputs_of(asset, name)]
            for name in columns.assets()[asset]
        }
    )


def code_references(*places: str) -> dg.CodeReferencesMetadataValue:
    """Return references to source files, given relative to the project as `file` or `file:line`, for the UI to open."""
    references = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # nobody who refreshes can do anything about it
        for place in places:
            file, _, line = place.partition(":")
            number = int(line) if line else None
            references.append(dg.LocalFileCodeReference(file_path=str(ROOT / file), line_number=number, label=place))
        return dg.CodeReferencesMetadataValue(code_references=references)


def declared_at(name: str) -> str:
    """Return where the catalogue declares a figure table, as `file:line`."""
    text = (ROOT / CATALOGUE).read_text("utf-8")
    return f"{CATALOGUE}:{text[: text.index(f'{chr(34)}{name}{chr(34)}')].count(chr(10)) + 1}"


def definition_link(name: str) -> dg.PathMetadataValue:
    """Return where the documents define a figure table."""
    return dg.MetadataValue.path(f"docs/figures.md#{name}")


def _shortened(label: str) -> str:
    return label if len(label) <= 66 else f"{label[:32]}…{label[-33:]}"


def bar_chart(title: str, bars: Sequence[tuple[str, float]]) -> dg.MarkdownMetadataValue:
    """Return a bar chart as an image in Markdown; long lists are cut with a word."""
    shown = bars[:24]
    longest = max((value for _, value in shown), default=0) or 1
    height = 24 * len(shown) + 44
    rows = []
    for index, (label, value) in enumerate(shown):
        y = 36 + 24 * index
        width = max(1, round(300 * value / longest))
        rows.append(
            f'<text x="{LABELS - 8}" y="{y + 14}" text-anchor="end">{html.escape(_shortened(label))}</text>'
            f'<rect x="{LABELS}" y="{y}" width="{width}" height="18" rx="2" fill="#4f6bed"/>'
            f'<text x="{LABELS + width + 6}" y="{y + 14}">{value:,.0f}</text>'
        )
    if len(bars) > len(shown):
        title += f" (first {len(shown)} of {len(bars)})"
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABELS + 380}" height="{height}" font-family="sans-serif" '
        f'font-size="12"><rect width="{LABELS + 380}" height="{height}" fill="#ffffff"/>'
        f'<text x="8" y="20" font-weight="bold">{html.escape(title)}</text>{"".join(rows)}</svg>'
    )
    return dg.MetadataValue.md(f"![{title}](data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()})")
