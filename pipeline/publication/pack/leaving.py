"""What may leave the house: which extracts go out as bytes, and what of a release's tables stays here.

Bytes leave where their manifest says so and no record is in them. Of every other extract no value, no line and no count
by a label leaves: what stands on the same line is one record, and who has two lists of lines can put it together.
Packs and exports both ask here. The codes that figures are counted from are in codes.py.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipeline.figures.catalogue import COUNTED
from pipeline.intake.manifest import Extract
from pipeline.publication.pack.codes import coarse_buckets

_RECORDS = "extract_id in (select extract_id from withheld where of_records)"
_OF_RECORDS = "(select disclosure, table_id from withheld where of_records)"
_CODED = ("offence", "outcome", "platform", "age")
_PRINTED = ("period_label", *(f"{name}_label" for name in _CODED), "other", "printed")


def why_not(extract: Extract) -> str | None:
    """Return, in words, why the bytes of an extract may not leave, or None where they may."""
    if extract.disclosure.rights.bytes_may_leave != "yes":
        return "the manifest does not say that the bytes may leave"
    if extract.terms.sensitivity != "aggregate":
        return f"its sensitivity is {extract.terms.sensitivity}: records never leave"
    return None


def withhold(db: duckdb.DuckDBPyConnection, local: bool, selected: bool) -> frozenset[str]:
    """Create what `shown` needs, and return the ids of extracts of release `r` whose bytes may not leave.

    `withheld` has those extracts (none where all stays `local`); `of_records` says that single records or counts as
    telling are in them. `shown_code` has the codes that figures which leave are of, `coarse_bucket` the months and
    years of those that count withheld records. Where figures are `selected`, `chosen_figure` has their ids.
    """
    db.execute(
        "create or replace temp table withheld as "
        "select extract_id, disclosure, table_id, t.layout, "
        "e.sensitivity <> 'aggregate' or t.layout = 'records' as of_records "
        "from r.extract e join r.source_table t using (disclosure, table_id) join r.disclosure d using (disclosure) "
        f"where {not local} and (d.bytes_may_leave <> 'yes' or e.sensitivity <> 'aggregate')"
    )
    some = "where id in (select id from chosen_figure)" if selected else ""
    codes = " union ".join(
        f"select disclosure, table_id, '{dimension}' as dimension, {dimension} as code from r.{table.name} {some}"
        for table in COUNTED
        for dimension in table.dimensions
        if dimension in _CODED
    )
    db.execute(f"create or replace temp table shown_code as {codes}")
    db.execute(f"create or replace temp table coarse_bucket as {coarse_buckets(selected)}")
    return frozenset(row[0] for row in db.execute("select extract_id from withheld").fetchall())


def shown(name: str, columns: Sequence[str], selected: bool) -> tuple[str, str | None]:
    """Return the query of what may leave of table `name` of a release, and what is left out of it, None = nothing.

    The table is read as `r.<name>`; what `withhold` creates is there. Of `selected` figures no control of a withheld
    table of records leaves: its sums are figures that nobody asked for.
    """
    match name:
        case "rejected" | "flagged":
            return _listed(columns, name), "values of extracts that may not leave; of records their lines too"
        case "label":
            return _labels(), "labels of records but words of reference tables, and unmapped ones that may not leave"
        case "bucket":
            query = "select * from r.bucket where extract_id not in (select extract_id from withheld where "
            query += "layout = 'records') union all select * from coarse_bucket"
            return query, "periods of records, but the months and years that are counted here"
        case "printed":
            kept = [f"case when not {_RECORDS} then {c} end as {c}" for c in _PRINTED]
            return f"select * replace ({', '.join(kept)}) from r.printed", "words of counts that are of single records"
        case "control":
            return _controls(selected), "sums of records by more than a month or year"
        case "release_info" if "basis" in columns:
            return "select * exclude (basis) from r.release_info", "manifests"
        case "refused":
            return "select * replace (null::varchar as reason) from r.refused", "why it was refused may quote a file"
    return f"select * from r.{name}", None


def _listed(columns: Sequence[str], name: str) -> str:
    """Return the query of listed records: withheld ones without values, and of records only how many by which rule.

    Two rules that one record breaks say two things of it, so that neither its line nor its number is there; and of a
    dimension that no figure shown is by, nothing is said.
    """
    values = dict.fromkeys(("value", "fields"), "extract_id not in (select extract_id from withheld)")
    places = dict.fromkeys(("record_no", "line_no", "lines"), f"not {_RECORDS}")
    kept = [f"case when {when} then {c} end as {c}" for c, when in (values | places).items() if c in columns]
    used = "select extract_id, dimension from withheld join shown_code using (disclosure, table_id)"
    dimensions = ", ".join(f"'{dimension}'" for dimension in _CODED)
    return (
        f"select * replace ({', '.join(kept)}) from r.{name} where not {_RECORDS} "
        f"or column_name is null or column_name not in ({dimensions}) or (extract_id, column_name) in ({used})"
    )


def _labels() -> str:
    """Return the query of labels: of records the words that a reference table has, for codes of figures shown.

    How often one stands there and where first is not said: that is what single records are told by.
    """
    used = "select extract_id, dimension, code from withheld join shown_code using (disclosure, table_id)"
    words = "rule = 'reference row' or rule like 'name of one Home Office %'"
    return (
        "select * from r.label where extract_id not in (select extract_id from withheld) "
        f"or (status = 'mapped' and not {_RECORDS}) union all "
        f"select * replace (null::bigint as n, null::bigint as first_line) from r.label where {_RECORDS} "
        f"and status = 'mapped' and ({words}) and (extract_id, dimension, code) in ({used})"
    )


def _controls(selected: bool) -> str:
    """Return the query of controls: of records, whichever side they are on, sums of whole months and years alone."""
    sister = "regexp_extract(place, '^against table ([^,]+)', 1)"
    of_records = f"(disclosure, table_id) in {_OF_RECORDS} or (disclosure, {sister}) in {_OF_RECORDS}"
    cell = "regexp_extract(place, '^against table [^,]+, (.*)$', 1)"
    whole = "select bucket_start || '/' || bucket_end from r.bucket"
    told = "false" if selected else f"{cell} = '' or {cell} in ({whole})"
    return f"select * from r.control where not ({of_records}) or {told}"
