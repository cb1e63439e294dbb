"""Controls: printed totals and sister tables compared with what was read, and never counted."""

from __future__ import annotations

from typing import Any

import pytest

from pipeline.lineage.controls import Control
from tests.disclosures import Raw, counts_table, records_table

YEARS = {"period": "Year", "count": "Count"}
MARKERS = {
    "Total": {"kind": "total"},
    "<5": {"kind": "suppressed", "min": 1, "max": 4},
    "*": {"kind": "suppressed"},
}


def controls(raw: Raw) -> list[Control]:
    build = raw.build()
    assert not build.refusals, [r.reason for r in build.refusals]
    return list(build.controls)


@pytest.mark.parametrize(
    ("cells", "verdict", "difference"),
    [
        ("2020,14 2021,16 Total,30", "agrees", 0),
        ("2020,14 2021,16 Total,31", "disagrees", 1),
        ("2020,14 2021,16 Total,29", "disagrees", -1),
        ("2020,14 2021,<5 Total,16", "consistent", None),
        ("2020,14 2021,<5 Total,14", "counts suppressed as zero", None),
        ("2020,14 2021,<5 Total,19", "disagrees", None),
        ("2020,14 2021,* Total,99", "consistent", None),
        ("2020,14 2021,* Total,13", "disagrees", None),
        ("2020,14 2021, Total,20", "consistent", None),
        ("2020,14 2021, Total,13", "disagrees", None),
    ],
)
def test_a_total_is_compared_with_its_parts(raw: Raw, cells: str, verdict: str, difference: int | None) -> None:
    text = "Year,Count\n" + "\n".join(cells.split(" ")) + "\n"
    raw.add([counts_table(YEARS, markers=MARKERS)], {"counts.csv": text})
    [control] = controls(raw)
    assert (control.kind, control.verdict, control.difference) == ("column total", verdict, difference)
    assert control.place == "counts.csv, line 4, column 2"


def test_rows_columns_and_the_corner_of_a_wide_table_are_each_compared(raw: Raw) -> None:
    columns = [{"at": 2, "label": "2020"}, {"at": 3, "label": "2021"}]
    table = counts_table(
        {"offence": "Offence"},
        wide={"dimension": "period", "columns": columns},
        total_columns=["All"],
        markers=MARKERS,
    )
    raw.add([table], {"counts.csv": "Offence,2020,2021,All\n8L,1,2,3\n8Q,3,4,8\nTotal,4,6,10\n"})
    assert [(c.kind, c.place[-16:], c.stated, c.low, c.verdict) for c in controls(raw)] == [
        ("row total", "line 2, column 4", 3, 3, "agrees"),
        ("row total", "line 3, column 4", 8, 7, "disagrees"),
        ("column total", "line 4, column 2", 4, 4, "agrees"),
        ("column total", "line 4, column 3", 6, 6, "agrees"),
        ("grand total", "line 4, column 4", 10, 10, "agrees"),
    ]


def sisters(raw: Raw, one: str, other: str, **terms: Any) -> list[tuple[str, str, int, int, str]]:
    by_offence = {"period": "Year", "offence": "Offence", "count": "Count"}
    agrees = [{"table": "q1", "over": ["period"]}]
    q1 = counts_table(YEARS, "q1.csv", markers=MARKERS)
    q2 = counts_table(by_offence, "q2.csv", id="q2", markers=MARKERS, agrees_with=agrees, **terms)
    files = {"q1.csv": f"Year,Count\n{one}", "q2.csv": f"Year,Offence,Count\n{other}"}
    raw.add([q1, q2], files)
    return [(c.table_id, c.place, c.stated, c.low, c.verdict) for c in controls(raw)]


def test_sister_tables_are_compared_over_a_dimension(raw: Raw) -> None:
    found = sisters(raw, "2020,5\n2021,7\n", "2020,8L,2\n2020,8Q,3\n2021,8L,6\n")
    assert found == [
        ("q2", "against table q1, 2020-01-01/2021-01-01", 5, 5, "agrees"),
        ("q2", "against table q1, 2021-01-01/2022-01-01", 7, 6, "disagrees"),
    ]


def test_a_suppressed_part_lets_sister_tables_be_consistent(raw: Raw) -> None:
    assert sisters(raw, "2020,5\n", "2020,8L,2\n2020,8Q,<5\n")[0][-1] == "consistent"


def test_an_unknown_part_lets_sister_tables_be_consistent(raw: Raw) -> None:
    """The blank cell may hold the missing 3, as it may under a printed total."""
    assert sisters(raw, "2020,5\n", "2020,8L,2\n2020,8Q,\n")[0][-1] == "consistent"


def test_a_cut_table_does_not_disagree_with_the_whole(raw: Raw) -> None:
    found = sisters(raw, "2020,107\n", "2020,8L,55\n", complete="cut", known_total={"value": 107})
    assert [verdict for *_, verdict in found if verdict == "disagrees"] == []


def test_the_total_of_a_cut_table_does_not_disagree_with_the_part_we_have(raw: Raw) -> None:
    """The missing 6 are in the lines that we do not hold: the force's arithmetic may be right."""
    raw.add([counts_table(YEARS, markers=MARKERS, complete="cut")], {"counts.csv": "Year,Count\n2020,3\nTotal,9\n"})
    assert [c.verdict for c in controls(raw)] != ["disagrees"]


def test_grand_totals_of_sister_tables_are_compared_where_no_dimension_is_named(raw: Raw) -> None:
    q1 = counts_table(YEARS, "q1.csv", markers=MARKERS)
    q2 = counts_table({"offence": "Offence", "count": "Count"}, "q2.csv", id="q2", agrees_with=[{"table": "q1"}])
    files = {"q1.csv": "Year,Count\n2020,5\n2021,7\nTotal,12\n", "q2.csv": "Offence,Count\n8L,12\n"}
    raw.add([q1, q2], files)
    sister = [c for c in controls(raw) if c.kind == "sister table"]
    assert [(c.stated, c.low, c.verdict) for c in sister] == [(12, 12, "agrees")]


def test_records_are_compared_with_their_own_table_of_totals(raw: Raw) -> None:
    totals = counts_table(YEARS, "totals.csv", id="totals")
    records = records_table(
        {"period": "Year"},
        covers=totals["covers"],
        agrees_with=[{"table": "totals", "over": ["period"]}],
    )
    raw.add(
        [totals, records],
        {"totals.csv": "Year,Count\n2020,2\n2021,5\n", "records.csv": "Year\n2020\n2020\n2021\n"},
    )
    assert [(c.stated, c.low, c.verdict) for c in controls(raw)] == [(2, 2, "agrees"), (5, 1, "disagrees")]


def test_a_disagreeing_total_refuses_nothing(raw: Raw) -> None:
    raw.add([counts_table(YEARS, markers=MARKERS)], {"counts.csv": "Year,Count\n2020,14\nTotal,15\n"})
    build = raw.build()
    assert (len(build.accepted), build.refusals) == (1, ())
    assert [c.verdict for c in build.controls] == ["disagrees"]
