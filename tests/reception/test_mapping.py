"""Ready mappings: what a folder of well-known files becomes, and what is no such folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.intake.manifest import Disclosure, read_manifest
from pipeline.intake.problem import Refused
from pipeline.normalisation.forces import force_names
from pipeline.reception.draft import as_yaml
from pipeline.reception.mapping import map_files, mappings

STREET = mappings()["police-uk-street"]


def digests(months: Iterable[str], force: str = "derbyshire", vintage: str = "") -> dict[str, str]:
    names = [f"{month}-{force}-street.csv" for month in months]
    return {name: hashlib.sha256(f"{name}{vintage}".encode()).hexdigest() for name in names}


def mapped(files: Mapping[str, str], *earlier: Disclosure) -> tuple[dict[str, Any], tuple[str, ...]]:
    draft, unsure = map_files(STREET, files, earlier)
    assert draft.questions == ()
    return draft.manifest, unsure


def there(files: Mapping[str, str], **more: Any) -> Disclosure:
    """Return the disclosure that files were made into earlier."""
    return Disclosure.model_validate({**mapped(files)[0], **more})


@pytest.mark.parametrize("name", mappings())
def test_a_mapping_says_how_its_files_are_called_and_names_forces_of_ours(name: str) -> None:
    mapping = mappings()[name]
    draft, _ = map_files(mapping, {mapping.example: "0" * 64}, [])
    assert draft.manifest["force"] in force_names()
    assert set(mapping.forces.values()) <= force_names().keys()


def test_the_manifest_holds_and_covers_the_months_of_the_names(tmp_path: Path) -> None:
    draft, unsure = map_files(STREET, digests(["2024-12", "2025-02", "2025-01"]), [])
    folder = tmp_path / "derbyshire" / "police-uk-street-2024-12-2025-02"
    folder.mkdir(parents=True)
    (folder / "disclosure.yaml").write_text(as_yaml(draft), "utf-8")
    found = read_manifest(folder / "disclosure.yaml", force_names(), "disclosure.yaml")
    (table,) = found.tables
    assert table.covers is not None
    assert (table.covers.start, table.covers.end) == (date(2024, 12, 1), date(2025, 2, 28))
    assert [e.file[:7] for e in table.extracts] == ["2024-12", "2025-01", "2025-02"]
    assert unsure == ()


def test_months_with_a_gap_cover_nothing_that_is_said() -> None:
    manifest, unsure = mapped(digests(["2025-01", "2025-03"]))
    assert "covers" not in manifest["tables"][0]
    assert "months are missing" in unsure[0]


def test_a_force_with_another_name_there_is_ours_here() -> None:
    assert mapped(digests(["2025-01"], "northern-ireland"))[0]["force"] == "psni"


@pytest.mark.parametrize(
    "name",
    [
        "2025-01-derbyshire-outcomes.csv",
        "2025-13-derbyshire-street.csv",
        "derbyshire-street.csv",
        "2025-01-derbyshire-street.csv.bak",
    ],
)
def test_a_file_of_another_name_is_refused_with_all_others_like_it(name: str) -> None:
    with pytest.raises(Refused) as refused:
        mapped({**digests(["2025-01"]), name: "0" * 64, "readme.txt": "1" * 64})
    assert [p.file for p in refused.value.problems] == [name, "readme.txt"]
    assert "2025-01-derbyshire-street.csv" in refused.value.problems[0].expected


def test_files_of_two_forces_are_refused() -> None:
    with pytest.raises(Refused, match=r"2 forces: cheshire, derbyshire.*each force apart"):
        mapped({**digests(["2025-01"]), **digests(["2025-01"], "cheshire")})


def test_what_is_there_byte_for_byte_is_refused() -> None:
    year = digests(["2025-01", "2025-02"])
    with pytest.raises(Refused, match="derbyshire/police-uk-street-2025-01-2025-02 has already"):
        mapped(digests(["2025-02"]), there(year))


def test_the_same_months_again_bear_the_name_of_the_answer_that_stands() -> None:
    one = there(digests(["2025-01"], vintage="1"))
    two = there(digests(["2025-01"], vintage="2"), our_reference=f"{one.our_reference}-2", supersedes=one.our_reference)
    again = digests(["2025-01"], vintage="3")
    assert mapped(again, one)[0]["our_reference"] == one.our_reference
    assert mapped(again, one, two)[0]["our_reference"] == two.our_reference
    other_force = there(digests(["2025-01"], "cheshire"))
    assert mapped(again, other_force) == mapped(again)


def test_some_of_the_same_months_are_told_and_replace_nothing() -> None:
    one = there(digests(["2025-01", "2025-02"]))
    manifest, unsure = mapped(digests(["2025-02", "2025-03"], vintage="2"), one)
    assert manifest["our_reference"] == "police-uk-street-2025-02-2025-03"
    assert "1 of the same months" in unsure[0]


def test_what_a_mapping_says_is_a_plain_manifest() -> None:
    draft, _ = map_files(STREET, digests(["2025-01"]), [])
    assert Disclosure.model_validate(yaml.safe_load(as_yaml(draft))) == Disclosure.model_validate(draft.manifest)
