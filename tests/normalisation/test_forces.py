import pytest

from pipeline.normalisation.forces import force_names, force_title
from pipeline.store.naming import slug


def test_every_force_has_a_slug_and_only_invented_ones_are_synthetic() -> None:
    forces = force_names()
    assert [name for name, synthetic in forces.items() if synthetic] == ["exampleshire"]
    assert list(forces) == sorted(forces) == [slug(name) for name in forces]
    assert len(forces) == 43 + 2 + 1  # England and Wales, Scotland and Northern Ireland, the invented one


def test_titles() -> None:
    assert force_title("psni") == "Police Service of Northern Ireland"
    assert force_title("exampleshire") == "Exampleshire Police (synthetic)"
    with pytest.raises(KeyError, match="unknown force 'atlantis'"):
        force_title("atlantis")
