"""A pack can be counted again by who has nothing of ours, is the same bytes each time, and lets nobody's record out."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import zipfile
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.figures.catalogue import TABLES
from pipeline.lineage import recount
from pipeline.publication.build import Build
from pipeline.publication.pack.writing import Asked, CannotPack, write_pack
from pipeline.publication.pack.zipped import pack
from pipeline.publication.release import publish
from pipeline.store.handed_out import handed_out
from pipeline.store.places import Places
from pipeline.store.releases import current_release
from tests.disclosures import Raw, counts_table, records_table

SEARCH = {"terms": [{"text": "TikTok", "platform": "TikTok"}]}
RIGHTS = {"bytes_may_leave": "yes"}
RECORDS = "Ref,Month,Platform,Offence,Age\n" + "".join(
    f"SECRETREF{i},2020-0{1 + i % 6},{('TikTok', 'Facebook', 'Zorgle Chat')[i % 3]},Harassment,{11 + i}\n"
    for i in range(24)
)
PERSONAL = {"reference": "Ref", "period": "Month", "platform": "Platform", "offence": "Offence", "age": "Age"}


def records_of_persons(**more: Any) -> dict[str, Any]:
    return records_table(PERSONAL, search=SEARCH, sensitivity="record_personal", **more)


def count_of_years(**more: Any) -> dict[str, Any]:
    return counts_table({"period": "Year", "count": "N"}, markers={"Total": {"kind": "total"}}, **more)


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Raw:
    """Return a raw/ with a release of records about persons and, in another disclosure, a table of counts."""
    raw = Raw.at(tmp_path_factory.mktemp("published"))
    text = RECORDS + "SECRETREF99,some day,TikTok,Harassment,12\nSECRETREF98,2020-01\n"
    raw.add([records_of_persons()], {"records.csv": text}, reference="P/1", rights=RIGHTS)
    raw.add([count_of_years()], {"counts.csv": "Year,N\n2020,25\n2021,30\nTotal,55\n"}, rights=RIGHTS)
    assert publish(raw.build()).published
    return raw


@pytest.fixture
def published(published_once: Raw, raw: Raw) -> Places:
    return published_once.copied(raw).places


def written(places: Places, folder: Path, *figures: str, local: bool = False) -> Path:
    release = current_release(places)
    assert release is not None
    folder.mkdir()
    write_pack(places, release, folder, Asked(figures, local))
    return folder


def recounted(folder: Path) -> list[str]:
    with redirect_stdout(StringIO()) as out:
        code = recount.main(str(folder))
    lines = out.getvalue().splitlines()
    assert (code == 0) == (lines[-1] == "OK"), lines
    return lines


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_a_pack_has_what_it_takes_to_count_it_again(published: Places, tmp_path: Path) -> None:
    folder = written(published, tmp_path / "pack")
    assert {
        *("README.txt", "SHA256SUMS", "recount.py", "catalogue.json", "release.json", "releases.jsonl"),
        *("ro-crate-metadata.json", "datapackage.json", "reference/outcomes.csv", "tables/ledger_rule.jsonl"),
        *("extracts/dorset/test-1/counts.csv", "manifests/dorset/test-1.json", "observations/dorset/p-1/records.jsonl"),
        *(f"tables/{name}.jsonl" for name in TABLES),
    } <= names(folder)
    lines = recounted(folder)
    assert lines[-1] == "OK"
    assert "figures of dorset/p-1/records: checked against the codes in the pack alone" in lines
    assert "1 of 2 extracts read again, line by line" in lines
    for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_nothing_of_a_record_about_a_person_leaves(published: Places, tmp_path: Path) -> None:
    folder = written(published, tmp_path / "pack")
    for name in names(folder):
        content = (folder / name).read_text("utf-8")
        for secret in ("SECRETREF", "Zorgle", "some day"):
            assert secret not in content, f"{name} has {secret}"
    (manifest,) = json.loads((folder / "manifests/dorset/p-1.json").read_text("utf-8"))["extracts"]
    assert manifest["in_pack"] is None and "record_personal" in manifest["why_not"]
    assert manifest["sha256"] == hashlib.sha256((published.raw / "dorset/p-1/records.csv").read_bytes()).hexdigest()


def test_a_local_pack_has_everything(published: Places, tmp_path: Path) -> None:
    folder = written(published, tmp_path / "pack", local=True)
    assert "SECRETREF5" in (folder / "extracts/dorset/p-1/records.csv").read_text("utf-8")
    assert not [said for said in json.loads((folder / "release.json").read_text())["tables"].values() if said["cut"]]
    assert "2 of 2 extracts read again, line by line" in recounted(folder)


def test_bytes_stay_where_no_manifest_says_that_they_may_leave(raw: Raw, tmp_path: Path) -> None:
    raw.add([count_of_years()], {"counts.csv": "Year,N\n2020,25\n2021,30\nTotal,55\n"})
    publish(raw.build())
    folder = written(raw.places, tmp_path / "pack")
    assert not (folder / "extracts").exists()
    assert recounted(folder)[-1] == "OK"


def test_a_pack_of_some_figures_has_what_they_are_made_of_alone(published: Places, tmp_path: Path) -> None:
    change = "year_change/crimes_year/dorset/test-1/q1/crimes/unstated/calendar/2021"
    folder = written(published, tmp_path / "pack", change)
    assert names(folder) >= {"extracts/dorset/test-1/counts.csv"}
    assert not [name for name in names(folder) if "p-1" in name]
    ids = {row["id"] for name in TABLES for row in recount.Pack(folder).load(f"tables/{name}.jsonl")}
    assert ids == {change, *(f"crimes_year/dorset/test-1/q1/crimes/unstated/calendar/{y}" for y in (2020, 2021))}
    assert recounted(folder)[-1] == "OK"


def test_some_figures_can_be_a_table(published: Places, tmp_path: Path) -> None:
    folder = written(published, tmp_path / "pack", "platform_share", "crimes_year")
    found = recount.Pack(folder)
    assert found.load("tables/platform_share.jsonl") and found.load("tables/platform_year.jsonl")
    assert not found.load("tables/platform_month.jsonl")
    assert recounted(folder)[-1] == "OK"


def test_a_release_makes_the_same_bytes_each_time(published: Places, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        pack(published, tmp_path / "one.zip", Asked())
    finally:
        os.umask(before)
    os.utime(published.raw / "dorset/test-1/counts.csv", (0, 0))
    pack(published, tmp_path / "two.zip", Asked())
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        archive.extractall(tmp_path / "unpacked")
    assert recounted(tmp_path / "unpacked")[-1] == "OK"
    assert [noted.extracts for noted in handed_out(published)] == [("dorset/p-1/records", "dorset/test-1/counts")] * 2


def test_a_sheet_is_counted_again_from_its_rows(raw: Raw, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in (["A title", None], ["Year", "N"], ["2020", 25], [None, None], ["2021", 30], ["Total", 55]):
        sheet.append(row)
    path = tmp_path / "book.xlsx"
    book.save(path)
    table = count_of_years(extracts=[{"file": "book.xlsx", "sheet": "Sheet", "header_line": 2}])
    raw.add([table], {"book.xlsx": path.read_bytes()}, rights=RIGHTS)
    outcome = publish(raw.build())
    assert outcome.published, outcome.message
    folder = written(raw.places, tmp_path / "pack")
    assert "extracts/dorset/test-1/book.xlsx" in names(folder)
    assert recounted(folder)[-1] == "OK"


def test_of_a_free_text_the_names_of_platforms_are_counted_again(raw: Raw, tmp_path: Path) -> None:
    text = 'Month,Text\n2020-01,"He sent it by TikTok,\nthen Snapchat"\n2020-02,nothing said\n,\n2020-03,on Facebook\n'
    table = records_table({"period": "Month", "mentions": "Text"}, sensitivity="record_personal")
    raw.add([table], {"records.csv": text}, rights=RIGHTS)
    assert publish(raw.build()).published
    inside = written(raw.places, tmp_path / "inside", local=True)
    assert "1 of 1 extracts read again, line by line" in recounted(inside)
    assert "He sent" not in (inside / "records/dorset/test-1/records.jsonl").read_text("utf-8")
    outside = written(raw.places, tmp_path / "outside")
    assert recounted(outside)[-1] == "OK"
    assert not [name for name in names(outside) if b"He sent" in (outside / name).read_bytes()]


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    cells=st.lists(st.sampled_from(["0", "7", "1,204", "<5", "", "n/a", "21"]), min_size=4, max_size=4),
    records=st.lists(
        st.tuples(
            st.sampled_from(["2020-01", "2020-12", "2021-04", "when?"]),
            st.sampled_from(["TikTok", '"TikTok, Facebook"', "", "Zorgle Chat"]),
        ),
        min_size=1,
        max_size=12,
    ),
)
def test_whatever_is_published_can_be_counted_again(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str], records: list[tuple[str, str]]
) -> None:
    scratch = tmp_path_factory.mktemp("random")
    raw = Raw.at(scratch)
    markers = {"<5": {"kind": "suppressed", "min": 1, "max": 4}, "n/a": {"kind": "not_held"}}
    counts = "Year,N\n" + "".join(f'{2019 + i},"{cell}"\n' for i, cell in enumerate(cells))
    lines = "Month,Platform\n" + "".join(f"{month},{platform}\n" for month, platform in records)
    raw.add(
        [
            counts_table({"period": "Year", "count": "N"}, markers=markers),
            records_table({"period": "Month", "platform": "Platform"}, search=SEARCH),
        ],
        {"counts.csv": counts, "records.csv": lines},
        rights=RIGHTS,
    )
    assert publish(raw.build()).published
    for local in (False, True):
        assert recounted(written(raw.places, scratch / f"pack-{local}", local=local))[-1] == "OK"


def test_the_shipped_extracts_make_a_pack_for_others(shipped: Build, tmp_path: Path) -> None:
    folder = written(shipped.places, tmp_path / "pack")
    lines = recounted(folder)
    assert lines[-1] == "OK"
    for extract in (v.extract for v in shipped.accepted):
        here = (folder / "extracts" / extract.disclosure.name / extract.entry.file).exists()
        assert here == (extract.disclosure.rights.bytes_may_leave == "yes" and extract.terms.sensitivity == "aggregate")


def test_what_is_no_longer_as_it_was_released_is_not_packed(published: Places, tmp_path: Path) -> None:
    file = published.raw / "dorset/test-1/counts.csv"
    content = file.read_bytes()
    file.write_bytes(content.replace(b"25", b"26"))
    with pytest.raises(CannotPack, match="the extract dorset/test-1/counts: it is gone or has other bytes"):
        pack(published, tmp_path / "pack.zip", Asked())
    file.write_bytes(content)
    manifest = file.with_name("disclosure.yaml")
    manifest.write_text(manifest.read_text("utf-8") + "\n# a remark\n", "utf-8")
    with pytest.raises(CannotPack, match=r"raw/dorset/test-1/disclosure\.yaml: it is gone or was edited"):
        pack(published, tmp_path / "pack.zip", Asked())
    assert not (tmp_path / "pack.zip").exists() and not handed_out(published)


def test_the_verb_says_what_is_in_a_pack_and_what_is_wrong(published: Places, tmp_path: Path) -> None:
    where = ["--raw", str(published.raw), "--warehouse", str(published.warehouse)]
    out = tmp_path / "pack.zip"
    run = CliRunner().invoke(main, ["pack", str(out), "--json", *where])
    said = json.loads(run.stdout)
    assert run.exit_code == 0 and said["release"] == 1 and said["extracts"] == 2
    assert [w["file"] for w in said["withheld"]] == ["dorset/p-1/records.csv"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o644
    again = CliRunner().invoke(main, ["pack", str(out), *where])
    assert again.exit_code == 1 and "expected a name that is free" in again.stderr
    unknown = CliRunner().invoke(main, ["pack", str(tmp_path / "b.zip"), "--figures", "crimes_yaer", *where])
    assert unknown.exit_code == 1 and "crimes_yaer: found no such figure" in unknown.stderr
    local = CliRunner().invoke(main, ["pack", str(tmp_path / "c.zip"), "--local", *where])
    assert local.exit_code == 0 and "not for handing on" in local.stdout
    assert stat.S_IMODE((tmp_path / "c.zip").stat().st_mode) == 0o600


def test_there_is_no_pack_of_nothing(raw: Raw, tmp_path: Path) -> None:
    with pytest.raises(CannotPack, match="run `foi refresh`"):
        pack(raw.places, tmp_path / "pack.zip", Asked())
