"""Platforms out of a free text, from manifest to figures: the words found are kept with their place, no text is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.normalisation.free_text import label_of, read_label
from pipeline.normalisation.platforms import platform_labels
from pipeline.normalisation.reading import NONE_NAMED, UNMAPPED, PlatformReading
from pipeline.publication.build import Build
from pipeline.store.duck import ask, memory, parquet
from tests.disclosures import Raw, records_table
from tests.figures.seen import figures, values
from tests.observed import observed_rows

COLUMNS = {"reference": "Ref", "period": "Month", "mentions": "MO"}
TEXTS = (
    "Suspect met the girl next door on snap chat, then TikTok and tik tok again",
    "Hit with a bottle outside the Red Lion",
    "",
    "Threatened over TikTok",
)
CONTENT = "Ref,Month,MO\n" + "".join(f'{n},Jan-20,"{text}"\n' for n, text in enumerate(TEXTS, 1))


def recorded(raw: Raw, content: str = CONTENT, **terms: Any) -> Build:
    raw.add([records_table(COLUMNS, sensitivity="record_personal", **terms)], {"records.csv": content})
    build = raw.build()
    assert build.refusals == ()
    return build


def test_each_platform_once_in_order_with_its_place_in_the_text(raw: Raw) -> None:
    build = recorded(raw)
    found = [(o["platform_label"], o["platforms"], o["platform_spans"]) for o in observed_rows(build)]
    assert found == [
        ("snap chat; TikTok", ["snapchat", "tiktok"], ["34-43", "50-56"]),
        ("", [NONE_NAMED], []),
        ("", [NONE_NAMED], []),
        ("TikTok", ["tiktok"], ["16-22"]),
    ]
    for row, text in zip(observed_rows(build), TEXTS, strict=True):
        parts = [text[slice(*map(int, span.split("-")))] for span in row["platform_spans"]]
        assert "; ".join(parts) == row["platform_label"]


def test_a_text_that_names_none_is_counted_as_that_and_nothing_else(raw: Raw) -> None:
    build = recorded(raw)
    assert values(build, "platform_month", "platform") == {NONE_NAMED: 2, "snapchat": 1, "tiktok": 2}
    assert values(build, "crimes_month", "month", month="2020-01") == {"2020-01": 4}
    shares = {f["platform"]: f["n"] for f in figures(build, "platform_share", year_basis="calendar", year="2020")}
    assert shares.keys() == {NONE_NAMED, "snapchat", "tiktok"} - {NONE_NAMED}


def test_figures_say_that_platforms_were_looked_for_in_a_text(raw: Raw) -> None:
    build = recorded(raw)
    (caveats,) = {tuple(f["caveats"]) for f in figures(build, "platform_month")}
    assert "dorset/test-1/records#mentions" in caveats


def test_no_text_is_in_the_labels_or_the_facts_or_the_rows(raw: Raw) -> None:
    build = recorded(raw)
    observations = build.observations[0]
    with memory() as db:
        labels = ask(db, f"from {parquet(observations.labels)} where dimension = 'platform'")
        for layer, path in observations.files:
            if path.suffix == ".parquet":
                stored = json.dumps(ask(db, f"from {parquet(path)}"), default=str)
                assert "Red Lion" not in stored and "girl" not in stored, layer
    assert "Red Lion" not in observations.path.read_text("utf-8")
    assert {(row["label"], row["code"], row["status"], row["n"], row["first_line"]) for row in labels} == {
        ("", NONE_NAMED, "unknown", 2, 3),
        ("TikTok", "tiktok", "mapped", 1, 5),
        ("snap chat; TikTok", "snapchat; tiktok", "mapped", 1, 2),
    }


def test_what_is_rejected_is_left_out(raw: Raw) -> None:
    build = recorded(raw, CONTENT + "5,TBC,on TikTok\n6,Feb-20,on TikTok\n")
    assert [(o["record_no"], o["reference"]) for o in observed_rows(build)] == [
        (1, "1"),
        (2, "2"),
        (3, "3"),
        (4, "4"),
        (6, "6"),
    ]


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"columns": COLUMNS | {"platform": "App"}}, "a platform column and platforms out of a free text"),
        ({"constants": {"platform": "TikTok"}}, "platform as a constant and platforms out of a free text"),
        ({"sensitivity": "record"}, "not said to be about persons"),
        ({"layout": "counts", "unit": "crimes", "blank": "unknown", "record_is": None}, "mentions in a counts layout"),
    ],
)
def test_a_free_text_that_cannot_be_searched_is_refused_with_the_reason(
    raw: Raw, changes: dict[str, Any], found: str
) -> None:
    table = records_table(COLUMNS, sensitivity="record_personal") | changes
    raw.add([{name: value for name, value in table.items() if value is not None}], {"records.csv": CONTENT})
    (refusal,) = raw.build().refusals
    assert found in refusal.reason


def test_a_label_is_read_as_the_text_was() -> None:
    for text in ("on Insta then snap\u00a0chat; WhatsApp", "X (formerly Twitter), the Signal app and BBM", "nothing"):
        label, spans = label_of(text)
        assert "; ".join(text[slice(*map(int, span.split("-")))] for span in spans) == label
        assert len(read_label(label).codes) == max(len(spans), 1)
    assert read_label("a word").status == "unmapped"


def test_a_text_without_a_name_and_a_name_that_does_not_count_any_more_say_so() -> None:
    none = PlatformReading("", (NONE_NAMED,), ("none named",), "unknown", "no platform named in free text")
    assert (label_of("nothing"), read_label("")) == (("", []), none)
    for label in ("a word", "snap chat; Zork", "Zork; snap chat", "snap chat TikTok"):
        reading = PlatformReading(label, (UNMAPPED,), (UNMAPPED,), "unmapped", "no name that counts in free text")
        assert read_label(label) == reading


def test_a_label_of_a_text_has_each_platform_and_each_source_once_in_order() -> None:
    reading = read_label("TikTok; Insta; Instagram; snap chat")
    assert reading.codes == ("tiktok", "instagram", "snapchat")
    assert reading.names == ("TikTok", "Instagram", "Snapchat")
    assert (reading.label, reading.status) == ("TikTok; Insta; Instagram; snap chat", "mapped")
    assert reading.rule == "named in free text"
    tiktok, insta, instagram, snap_chat = (platform_labels().find(label) for label in reading.label.split("; "))
    assert tiktok and insta and instagram and snap_chat and insta.source == snap_chat.source
    assert reading.source == "; ".join((tiktok.source, insta.source, instagram.source))


def test_the_source_keeps_the_text_for_tracing(raw: Raw) -> None:
    build = recorded(raw)
    source = build.accepted[0].source
    assert [record for batch in source.batches() for record in batch.column("f3").to_pylist()] == list(TEXTS)
