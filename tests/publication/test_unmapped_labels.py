"""The check on labels: its table says of each label the extract, how often it stands there and where first."""

from __future__ import annotations

from pipeline.publication.checks import verdicts
from tests.disclosures import Raw, counts_table


def test_unmapped_labels_are_told_by_extract(raw: Raw) -> None:
    table = {"offence": "Offence", "period": "Year", "count": "Count"}
    raw.add([counts_table(table)], {"counts.csv": "Offence,Year,Count\nStalking,2020,1\nFoo,2020,2\nFoo,2021,3\n"})
    raw.add(
        [counts_table(table)],
        {"counts.csv": "Offence,Year,Count\nFoo,2020,1\n8L - Stalking,2020,1\n"},
        reference="TEST/2",
    )
    (verdict,) = verdicts(raw.build(), "unmapped_labels")
    assert (verdict.check, verdict.severity, verdict.passed) == ("labels_mapped", "WARN", False)
    told = [tuple(row[k] for k in ("extract", "label", "status", "n", "first_line")) for row in verdict.rows]
    assert told == [
        ("dorset/test-1/counts", "Foo", "unmapped", 2, 3),
        ("dorset/test-2/counts", "8L - Stalking", "conflict", 1, 3),
        ("dorset/test-2/counts", "Foo", "unmapped", 1, 2),
    ]
    assert {row["dimension"] for row in verdict.rows} == {"offence"}


def test_no_unmapped_label_is_a_pass(raw: Raw) -> None:
    table = {"offence": "Offence", "period": "Year", "count": "Count"}
    raw.add([counts_table(table)], {"counts.csv": "Offence,Year,Count\nStalking,2020,1\n"})
    (verdict,) = verdicts(raw.build(), "unmapped_labels")
    assert (verdict.passed, verdict.rows) == (True, ())
