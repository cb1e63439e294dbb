"""Printed cells: one figure for each cell of every table of counts."""

from __future__ import annotations


def printed_query() -> str:
    """Return the query of `printed`: one figure for each printed cell of every table of counts."""
    basis = "coalesce(o.period_basis, 'none')"
    labels = ("period", "offence", "outcome", "platform", "age")
    printed_labels = ", ".join(f"o.{d}_label" for d in labels)
    part = "case when part_count > 1 then '.' || o.part_no else '' end"
    return (
        "select case when o.synthetic then 'synthetic/' else '' end || 'printed/' || "
        "o.extract_id || '/' || o.record_no || '/' || o.source_column || "
        f"{part} as id, f.force, o.disclosure, o.table_id, o.unit, o.date_basis, {basis} as year_basis, "
        f"{printed_labels}, o.other, o.printed, "
        "case o.kind when 'total' then 'control' else 'data' end as kind, "
        "o.period_start, o.period_end, false as part, "
        "case when o.count_min = o.count_max then o.count_min end as value, o.count_min as value_min, "
        "o.count_max as value_max, 1 as n, "
        "case when o.count_min is null then 'unknown: ' || o.count_rule "
        "when o.count_min is distinct from o.count_max then o.count_rule end as reason, "
        "f.complete, f.evidence, o.synthetic, f.superseded_by, f.caveats, o.extract_id, o.record_no, o.line_no, "
        "o.source_column, o.part_no "
        "from (select *, count(*) over (partition by extract_id, record_no, source_column) as part_count "
        "from observation where layout = 'counts') o join facts f using (disclosure, table_id) "
        "order by extract_id, record_no, source_column, part_no"
    )
