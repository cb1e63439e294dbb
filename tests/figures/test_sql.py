"""Cells are counted from what observations have alike: the same as counting every observation by itself."""

from __future__ import annotations

import pytest

from pipeline.figures import sql
from pipeline.figures.catalogue import COUNTED, SCOPE, CountedTable
from pipeline.publication.build import Build
from tests.disclosures import Raw, counts_table, records_table

MARKERS = {"*": {"kind": "suppressed"}, "<5": {"kind": "suppressed", "min": 1, "max": 4}, "Total": {"kind": "total"}}
RECORDS = (
    "Month,Offence,Status,App,Age\n"
    'Jan-20,Stalking,NFA,"Facebook, TikTok",15\n'
    'Jan-20,Stalking,NFA,"TikTok, Facebook",15\n'
    "Jan-20,Stalking,NFA,TikTok,15\n"
    "Jan-20,Stalking,NFA,TikTok,15\n"
    "Feb-20,Zork,Charged,,\n"
    "May-20,Blackmail,Charged,Zork,12-15\n"
)
COUNTS = "App,Offence,2020,2021\nTikTok,Stalking,3,*\nTik Tok,Stalking,<5,1\nFacebook,8Q,7,\nFacebook,Stalking,1,2\n"
WIDE = {"dimension": "period", "columns": [{"at": 3, "label": "2020"}, {"at": 4, "label": "2021"}]}


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    raw = Raw.at(tmp_path_factory.mktemp("cells"))
    columns = {"period": "Month", "offence": "Offence", "outcome": "Status", "platform": "App", "age": "Age"}
    raw.add([records_table(columns)], {"records.csv": RECORDS})
    columns = {"platform": "App", "offence": "Offence"}
    raw.add([counts_table(columns, wide=WIDE, markers=MARKERS)], {"counts.csv": COUNTS}, reference="TEST/2")
    build = raw.build()
    assert build.refusals == ()
    return build


def one_by_one(table: CountedTable) -> str:
    """The query of cells over observations as they are."""
    keys = ", ".join((*SCOPE, *table.dimensions))
    return (
        f"with {sql.covered(table)} select {keys}, min(bucket_start), max(bucket_end), bool_or(part), "
        "bool_or(synthetic), sum(count_min)::bigint, "
        "case when count(count_max) = count(*) then sum(count_max)::bigint end, "
        f"count(distinct (extract_id, record_no)), count(*) from covered group by {keys}"
    )


@pytest.mark.parametrize("table", COUNTED, ids=lambda table: table.name)
@pytest.mark.parametrize("which", ["build", "shipped"])
def test_cells_are_what_observations_add_up_to_one_by_one(
    request: pytest.FixtureRequest, which: str, table: CountedTable
) -> None:
    db = request.getfixturevalue(which).inputs.db
    found = sorted(map(repr, db.execute(sql.cells(table)).fetchall()))
    assert found == sorted(map(repr, db.execute(one_by_one(table)).fetchall()))
    assert found or which == "build" or table.name == "crimes_month"


@pytest.mark.parametrize("table", COUNTED, ids=lambda table: table.name)
def test_records_behind_several_cells_are_counted_once(shipped: Build, table: CountedTable) -> None:
    db, keys = shipped.inputs.db, (*SCOPE, table.period_kind)
    first = next((name for name in table.dimensions if name != table.period_kind), None)
    where = "true" if first is None else f"{first} <> 'unknown'"
    by = ", ".join(keys)
    alone = (
        f"with {sql.covered(table)} select {by}, count(distinct (extract_id, record_no)) from covered where {where} "
    )
    found = sorted(map(repr, db.execute(sql.records(table, keys, where)).fetchall()))
    assert found == sorted(map(repr, db.execute(f"{alone} group by {by}").fetchall()))
    assert found
