from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.normalisation import forces
from pipeline.normalisation.forces import force_names, force_title
from pipeline.store.naming import slug
from pipeline.store.reference import ReferenceTableError

HEAD = "force,name,nation,synthetic,source\n"
AVON = "avon,Avon Police,England,no,an Act\n"
MADE_UP = "zetland,Zetland Police,Scotland,yes,made up\n"


@pytest.fixture
def own_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yield where a table of forces of one's own lies; the project's is read again afterwards."""
    cached = [each for each in vars(forces).values() if hasattr(each, "cache_clear")]
    monkeypatch.setenv("FOI_REFERENCE", str(tmp_path))
    for each in cached:
        each.cache_clear()
    yield tmp_path / "forces.csv"
    for each in cached:
        each.cache_clear()


def test_every_force_has_a_slug_and_only_invented_ones_are_synthetic() -> None:
    known = force_names()
    assert [name for name, synthetic in known.items() if synthetic] == ["exampleshire"]
    assert list(known) == sorted(known) == [slug(name) for name in known]
    assert len(known) == 43 + 2 + 1  # England and Wales, Scotland and Northern Ireland, the invented one


def test_titles() -> None:
    assert force_title("psni") == "Police Service of Northern Ireland"
    assert force_title("exampleshire") == "Exampleshire Police (synthetic)"


def test_a_table_of_ones_own_is_read_in_its_own_order(own_table: Path) -> None:
    own_table.write_text(HEAD + MADE_UP + AVON, "utf-8")
    assert list(force_names().items()) == [("zetland", True), ("avon", False)]
    assert force_title("avon") == "Avon Police"


def test_a_slug_that_no_force_has_is_refused_with_those_that_there_are_in_order(own_table: Path) -> None:
    own_table.write_text(HEAD + MADE_UP + AVON, "utf-8")
    with pytest.raises(KeyError) as unknown:
        force_title("atlantis")
    assert unknown.value.args == ("unknown force 'atlantis': reference/forces.csv has avon, zetland",)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (HEAD + AVON + AVON, "{path}: found 'avon' twice; expected one row for a force; keep one"),
        (
            HEAD + AVON.replace(",no,", ",No,"),
            "{path}: found synthetic 'No' for 'avon'; expected yes or no",
        ),
        (HEAD + AVON.replace("an Act", ""), "{path}, line 2: found no source; expected one for every row"),
        (HEAD + "avon,Avon Police\n", "{path}, line 2: found 2 fields; expected 5"),
    ],
    ids=["twice", "neither yes nor no", "no source", "too few fields"],
)
def test_a_table_of_forces_that_is_broken_says_where_and_what_was_expected(
    own_table: Path, lines: str, message: str
) -> None:
    own_table.write_text(lines, "utf-8")
    with pytest.raises(ReferenceTableError) as broken:
        force_names()
    assert str(broken.value) == message.format(path=own_table)
