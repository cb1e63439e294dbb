"""A pack's descriptions, held against what a receiver would use: roc-validator and frictionless."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.publication.build import Build
from pipeline.publication.content import UNDIGESTED
from pipeline.publication.crate import descriptions
from pipeline.publication.crate.columns import columns_of, table_words
from pipeline.publication.crate.datapackage import resource_names
from pipeline.publication.crate.facts import (
    Column,
    Pack,
    PackedFile,
    ReleaseFacts,
    Role,
    Source,
    WithheldFile,
    column_type,
)
from pipeline.publication.pack.writing import Asked, write_pack
from pipeline.store.duck import opened
from pipeline.store.releases import current_release

AUDIT = Path(sys.prefix) / "audit" / "bin"

DORSET = Source("Dorset Police", "01/FIN/24/2153", "2024-05-01", "https://example.org/log", "Dorset Police")
LICENSED = Source("South Wales Police", "2", holder="South Wales Police", licence="OGL UK 3.0", statement_at="letter")
RELEASE = ReleaseFacts(
    3, "ab" * 32, "2026-11-23T06:00:00+00:00", "0.1.0", "cd" * 32, "ef" * 20, True, 12.34, (("threads", "2"),)
)
WITHHELD = WithheldFile("raw/x-police/1/records.csv", "aa" * 32, 1234, "records never leave", Source("X Police", "1"))
FIGURES = """["id","value","start","share","caveats","exact","note"]
["a/b",16,"2023-04-06",25.0,["x","y"],true,null]
["a/c",null,null,1e-07,[],false,"ß"]
"""
COLUMNS = tuple(
    Column(name, kind, f"what {name} is")
    for name, kind in (
        ("id", "string"),
        ("value", "integer"),
        ("start", "date"),
        ("share", "number"),
        ("caveats", "array"),
        ("exact", "boolean"),
        ("note", "string"),
    )
)


def put(folder: Path, path: str, content: bytes, role: Role, **more: Any) -> PackedFile:
    """Write one file of a pack and return what is said of it."""
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)
    kinds = {".csv": "text/csv", ".pdf": "application/pdf", ".jsonl": "application/x-ndjson", ".py": "text/x-python"}
    digest = hashlib.sha256(content).hexdigest()
    return PackedFile(path, digest, len(content), kinds[Path(path).suffix], f"What {path} is", role, **more)


def written(folder: Path, pack: Pack) -> Path:
    """Write the descriptions of a pack beside its files."""
    for path, content in descriptions(pack).items():
        (folder / path).write_bytes(content)
    return folder


def a_pack(folder: Path) -> Pack:
    """Return a small pack with one file of each kind: received, ragged and oddly named; tables; a script; withheld."""
    return Pack(
        "Audit pack of release 3",
        RELEASE,
        (
            put(folder, "raw/dorset/Q1 (é).csv", b"Year,N\n2023,16\nTotal 16\n", "input", source=DORSET),
            put(folder, "raw/south-wales/letter.pdf", b"%PDF-1.4", "input", source=LICENSED),
            put(folder, "tables/figure.jsonl", FIGURES.encode(), "result", columns=COLUMNS),
            put(folder, "tables/rejected.jsonl", b'["id"]\n', "result", columns=COLUMNS[:1]),
            put(folder, "recount.py", b"print('OK')\n", "document"),
            PackedFile("SHA256SUMS", None, None, "text/plain", "The digest of every other file", "document"),
        ),
        (WITHHELD,),
    )


def tool(name: str, *arguments: str | Path) -> Any:
    """Return what a tool of the second environment printed as JSON; that it is not there is a failure, never a skip."""
    if not (AUDIT / name).exists():
        pytest.fail(f"{AUDIT / name} is missing; build it with `make audit-tools`")
    done = subprocess.run([AUDIT / name, *arguments], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("{"), done.stderr
    return json.loads(done.stdout)


def crate_issues(folder: Path, severity: str = "REQUIRED") -> list[dict[str, str]]:
    """Return what roc-validator finds in the crate in a folder."""
    found = tool("python", Path(__file__).with_name("validate_crate.py"), folder, severity)
    assert found["checks"] >= 42, "the profile Process Run Crate and RO-Crate 1.1 below it were looked at"
    issues: list[dict[str, str]] = found["issues"]
    return issues


def package_errors(folder: Path) -> list[str]:
    """Return what frictionless finds in the Data Package in a folder and in the files that it lists."""
    found = tool("frictionless", "validate", "--json", folder / "datapackage.json")
    resources = read(folder, "datapackage.json")["resources"]
    errors = [f"{task['place']}: {error['type']}" for task in found["tasks"] for error in task["errors"]]
    errors += [error["type"] for error in found["errors"]]
    assert found["valid"] == (not errors)
    if not found["errors"]:
        assert len(found["tasks"]) == len(resources), "every file was looked at"
        kinds = {task["place"]: task["type"] for task in found["tasks"]}
        assert all(kinds[r["path"]] == ("table" if "schema" in r else "file") for r in resources)
    return errors


def read(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_bytes())


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    described = a_pack(tmp_path)
    (tmp_path / "SHA256SUMS").write_text("")
    return written(tmp_path, described)


def test_a_pack_is_a_process_run_crate(pack: Path) -> None:
    assert crate_issues(pack) == []


def test_nothing_recommended_is_left_out_but_what_is_not_known(pack: Path) -> None:
    unknown = re.compile("have a url|have a URL|an absolute URI|agent that is a Person|`author`|`publisher`")
    assert [issue for issue in crate_issues(pack, "RECOMMENDED") if not unknown.search(issue["message"])] == []


def test_roc_validator_misses_an_action_without_its_software(pack: Path) -> None:
    crate = read(pack, "ro-crate-metadata.json")
    action = next(e for e in crate["@graph"] if e["@type"] == "CreateAction")
    del action["instrument"]
    (pack / "ro-crate-metadata.json").write_text(json.dumps(crate))
    assert ["instrument" in issue["message"] for issue in crate_issues(pack)] == [True]


def test_roc_validator_misses_a_listed_file(pack: Path) -> None:
    (pack / "recount.py").unlink()
    assert ["recount.py" in str(issue) for issue in crate_issues(pack)] == [True]


def test_a_pack_is_a_data_package(pack: Path) -> None:
    assert package_errors(pack) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "error"),
    [
        ("raw/dorset/Q1 (é).csv", "2023", "2024", "hash-count"),
        ("recount.py", "OK", "OK ", "byte-count"),
        ("tables/figure.jsonl", ",16,", ',"sixteen",', "type-error"),
        ("tables/figure.jsonl", ",true,null]", ",true]", "missing-cell"),
        ("tables/figure.jsonl", '"value"', '"count"', "incorrect-label"),
    ],
)
def test_frictionless_finds_a_file_that_is_not_as_described(
    pack: Path, path: str, old: str, new: str, error: str
) -> None:
    text = (pack / path).read_text("utf-8")
    assert old in text
    (pack / path).write_text(text.replace(old, new, 1), "utf-8")
    assert f"{path}: {error}" in package_errors(pack)


@pytest.mark.parametrize("local", [False, True], ids=["for others", "local"])
def test_the_pack_of_the_shipped_release_is_both(shipped: Build, tmp_path: Path, local: bool) -> None:
    release = current_release(shipped.places)
    assert release is not None
    packed = write_pack(shipped.places, release, tmp_path, Asked(local=local))
    assert bool(packed.withheld) != local
    assert crate_issues(tmp_path) == []
    assert package_errors(tmp_path) == []
    listed = {r["path"] for r in read(tmp_path, "datapackage.json")["resources"]}
    there = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert there - listed == {"datapackage.json", "ro-crate-metadata.json"} and listed <= there


def test_every_column_of_a_release_has_words(shipped: Build) -> None:
    release = current_release(shipped.places)
    assert release is not None
    with opened(release.path) as db:
        for (name,) in db.execute("select table_name from duckdb_tables()").fetchall():
            if name not in UNDIGESTED:
                columns = [(column, kind) for column, kind, *_ in db.execute(f"describe {name}").fetchall()]
                assert all(column.description for column in columns_of(name, columns)) and table_words(name)


def test_the_action_read_the_inputs_and_made_the_tables(pack: Path) -> None:
    entities = {e["@id"]: e for e in read(pack, "ro-crate-metadata.json")["@graph"]}
    action = entities["#refresh-3"]
    assert [r["@id"] for r in action["object"]] == [
        "raw/dorset/Q1%20%28%C3%A9%29.csv",
        "raw/south-wales/letter.pdf",
        "#withheld/raw/x-police/1/records.csv",
        "#parameter-threads",
    ]
    assert [r["@id"] for r in action["result"]] == ["tables/figure.jsonl", "tables/rejected.jsonl"]
    assert action["endTime"] == "2026-11-23T06:00:00+00:00"
    assert action["startTime"] == "2026-11-23T05:59:47.660+00:00"
    software = entities[action["instrument"]["@id"]]
    pinned = [entities[value["@id"]] for value in software["identifier"]]
    assert [(p["name"], p["value"]) for p in pinned][1] == ("git commit, with changes since", "ef" * 20)


def test_rights_are_those_of_the_manifest_and_none_is_made_up(pack: Path) -> None:
    entities = {e["@id"]: e for e in read(pack, "ro-crate-metadata.json")["@graph"]}
    licences = {id_: entities[e["license"]["@id"]]["name"] for id_, e in entities.items() if "isPartOf" in e}
    assert licences == {
        "raw/dorset/Q1%20%28%C3%A9%29.csv": "No licence is stated",
        "raw/south-wales/letter.pdf": "OGL UK 3.0",
        "#withheld/raw/x-police/1/records.csv": "No licence is stated",
    }
    resources = {r["path"]: r for r in read(pack, "datapackage.json")["resources"]}
    assert "licenses" not in resources["raw/dorset/Q1 (é).csv"]
    assert resources["raw/south-wales/letter.pdf"]["licenses"] == [{"name": "OGL-UK-3.0", "title": "OGL UK 3.0"}]


def test_a_withheld_file_is_there_as_its_digest_only(pack: Path) -> None:
    package = read(pack, "datapackage.json")
    assert [(w["path"], w["hash"]) for w in package["withheld"]] == [(WITHHELD.path, "sha256:" + WITHHELD.sha256)]
    assert WITHHELD.path not in {r["path"] for r in package["resources"]}
    entities = {e["@id"]: e for e in read(pack, "ro-crate-metadata.json")["@graph"]}
    assert entities[f"#withheld/{WITHHELD.path}"]["sha256"] == WITHHELD.sha256
    assert not [p for p in entities["./"]["hasPart"] if "x-police" in p["@id"]]


def test_the_crate_lists_the_data_package_as_it_is(pack: Path) -> None:
    entities = {e["@id"]: e for e in read(pack, "ro-crate-metadata.json")["@graph"]}
    itself = (pack / "datapackage.json").read_bytes()
    assert entities["datapackage.json"]["sha256"] == hashlib.sha256(itself).hexdigest()


@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_the_order_in_which_files_are_named_changes_nothing(data: st.DataObject) -> None:
    def file(path: str, **more: Any) -> PackedFile:
        return PackedFile(path, "0" * 64, 1, "text/csv", path, "input", **more)

    files = (file("b.csv", source=LICENSED), file("a b.csv", source=DORSET), file("a-b.csv"), file("c.csv"))
    pack = Pack("Audit pack", RELEASE, files, (WITHHELD, replace(WITHHELD, path="raw/y")))
    shuffled = replace(
        pack,
        files=tuple(data.draw(st.permutations(files))),
        withheld=tuple(data.draw(st.permutations(pack.withheld))),
    )
    assert descriptions(shuffled) == descriptions(pack)


@settings(max_examples=50, deadline=None)
@given(st.sets(st.text(alphabet="aA é-2._/", min_size=1, max_size=6)))
def test_every_file_has_a_name_of_its_own(paths: set[str]) -> None:
    names = resource_names(paths)
    assert set(names) == paths and len(set(names.values())) == len(paths)
    assert all(re.fullmatch(r"[-a-z0-9._/]+", name) for name in names.values())


def test_two_files_at_one_path_are_refused() -> None:
    file = PackedFile("a.csv", "0" * 64, 1, "text/csv", "a", "input")
    with pytest.raises(ValueError, match=r"two files at a\.csv"):
        descriptions(Pack("Audit pack", RELEASE, (file, file)))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="states no zone"):
        descriptions(Pack("Audit pack", replace(RELEASE, published_at="2026-11-23T06:00:00"), ()))


def test_a_type_without_canonical_form_has_none_here_either() -> None:
    assert column_type("DECIMAL(18,3)") == "number" and column_type("VARCHAR[]") == "array"
    with pytest.raises(KeyError):
        column_type("STRUCT(a INTEGER)")
