"""Column lineage: what is declared is what changes, and every declaration leads somewhere."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.figures import sources
from pipeline.figures.catalogue import TABLES
from pipeline.lineage import columns
from pipeline.publication.build import Build
from pipeline.store.duck import memory, parquet
from schemas.columns import DISCLOSURE, EXTRACT, OBSERVATION
from tests.lineage import perturbed
from tests.lineage.perturbable import Content, Name, built, case, changed
from tests.lineage.perturbed import Perturbation

TWO_AT_ONCE = {"layout", "columns", "wide"}
"""Keys of a manifest that cannot be changed alone: another table would be read."""

MADE_UP = {("observations", "synthetic"), ("coverage", "synthetic")}
"""Whether a table is made up follows from its force and its evidence, which a manifest can only change together."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("perturbed")


@pytest.fixture(scope="module")
def base(folder: Path) -> Content:
    return built(folder / "raw", folder / "warehouse", case())


REMEMBERED: dict[str, frozenset[Name]] = {}


def all_changes(folder: Path, base: Content, name: str, perturbations: tuple[Perturbation, ...]) -> frozenset[Name]:
    """The columns that change under at least one perturbation; what did not change is in the warehouse already."""
    if name in REMEMBERED:
        return REMEMBERED[name]
    found: set[Name] = set()
    for number, perturb in enumerate(perturbations):
        disclosures = case()
        perturb(disclosures)
        after = built(folder / f"{name}-{number}", folder / "warehouse", disclosures)
        found |= set(changed(base, after))
    return REMEMBERED.setdefault(name, frozenset(found))


def declared(asset: str, name: str) -> frozenset[Name]:
    """What is declared to be made from a column, of observations and figures."""
    return frozenset(c for c in columns.down(asset, name) if c[0] != columns.SOURCE)


def test_every_column_of_an_extract_is_perturbed() -> None:
    assert set(perturbed.EXTRACT) == set(EXTRACT)
    assert set(perturbed.MANIFEST) == set(DISCLOSURE) - TWO_AT_ONCE


def test_no_other_than_the_declared_columns_change_with_a_free_text(folder: Path, base: Content) -> None:
    found = all_changes(folder, base, "mentions", perturbed.EXTRACT["mentions"])
    expected = declared(columns.RECEIVED, "mentions")
    assert found - expected == set(), "changed, and is not declared"
    assert {("observations", "platform_label"), ("observations", "platforms"), ("platform_year", "value")} <= found


@pytest.mark.parametrize("name", sorted(set(EXTRACT) - {"mentions"}))
def test_exactly_the_declared_columns_change_with_a_column_of_the_extract(
    folder: Path, base: Content, name: str
) -> None:
    found = all_changes(folder, base, name, perturbed.EXTRACT[name])
    expected = declared(columns.RECEIVED, name)
    assert found - expected == set(), "changed, and is not declared"
    assert expected - found == set(), "declared, and never changed"


@pytest.mark.parametrize("key", sorted(perturbed.MANIFEST))
def test_no_other_than_the_declared_columns_change_with_a_key_of_the_manifest(
    folder: Path, base: Content, key: str
) -> None:
    found = all_changes(folder, base, f"manifest-{key}", perturbed.MANIFEST[key])
    expected = declared(columns.DISCLOSED, key)
    assert found - expected == set(), "changed, and is not declared"
    named = {c for c in expected if (columns.DISCLOSED, key) in columns.sources_of(*c)} - MADE_UP
    assert named - found == set(), "names the key, and never changed"


@pytest.fixture
def seeded(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Declarations that can be changed: what is remembered of them is forgotten before and after."""

    def forget() -> None:
        for remembered in (sources.figure_sources, columns.assets, columns.sources_of, columns._above):
            remembered.cache_clear()

    forget()
    yield monkeypatch
    monkeypatch.undo()
    forget()


def test_a_source_that_is_left_out_is_caught(folder: Path, base: Content, seeded: pytest.MonkeyPatch) -> None:
    wrong = dataclasses.replace(OBSERVATION["age"], sources=("disclosure.constants",))
    seeded.setitem(OBSERVATION, "age", wrong)
    found = all_changes(folder, base, "age", perturbed.EXTRACT["age"])
    assert ("observations", "age") in found - declared(columns.RECEIVED, "age")


def test_a_source_too_many_is_caught(folder: Path, base: Content, seeded: pytest.MonkeyPatch) -> None:
    wrong = dataclasses.replace(OBSERVATION["reference"], sources=("source_records.reference", "source_records.age"))
    seeded.setitem(OBSERVATION, "reference", wrong)
    found = all_changes(folder, base, "age", perturbed.EXTRACT["age"])
    assert declared(columns.RECEIVED, "age") - found == {("observations", "reference")}


def test_every_source_is_a_column_and_every_column_leads_up_to_an_extract_or_a_manifest() -> None:
    for asset, name in columns.every_column():
        above = columns.up(asset, name)
        assert (asset, name) not in above, f"{asset}.{name} is made from itself"
        if columns.sources_of(asset, name):
            assert above & {(a, n) for a, n in columns.every_column() if a in {columns.RECEIVED, columns.DISCLOSED}}


def test_up_and_down_are_one_relation() -> None:
    assert columns.up("platform_year", "platform") >= {
        ("observations", "platforms"),
        ("source_records", "platform"),
        ("received_extract", "platform"),
    }
    for other in columns.down("received_extract", "age"):
        assert ("received_extract", "age") in columns.up(*other)


def test_a_table_is_not_made_from_a_label_that_its_lines_do_not_have() -> None:
    assert ("received_extract", "age") not in columns.up("platform_year", "value")
    assert ("received_extract", "age") in columns.up("platform_age_year", "value")
    assert ("received_extract", "age") in columns.up("platform_year", "complete")


def test_inputs_are_the_nearest_columns_of_other_assets() -> None:
    assert columns.inputs_of("observations", "period_start")[0] == ("source_records", "period")
    assert all(asset != "platform_year" for asset, _ in columns.inputs_of("platform_year", "id"))


@pytest.mark.parametrize(
    ("name", "near"),
    [("platform_year.valu", "platform_year.value"), ("platfrm_year.value", "platform_year.value"), ("age", None)],
)
def test_an_unknown_name_says_which_are_near(name: str, near: str | None) -> None:
    with pytest.raises(columns.NoSuchColumn) as error:
        columns.named(name)
    assert name in str(error.value)
    assert near is None or near in error.value.near


@pytest.mark.parametrize("name", TABLES)
def test_the_columns_declared_are_those_of_the_built_table(shipped: Build, name: str) -> None:
    with memory() as db:
        built = db.execute(f"from {parquet(shipped.figures(name).path)} limit 0").description or ()
    assert {d[0] for d in built} == set(columns.assets()[name])
