"""Fixtures: scratch places, the shipped raw/ built once, and where the shared real data may be."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from pipeline.publication.build import Build
from pipeline.publication.release import publish
from pipeline.store.digests import ROOT
from pipeline.store.places import Places
from tests.disclosures import Raw

# a worker of xdist is told the width of a terminal; what is shown is tested as it is where there is none
os.environ.pop("COLUMNS", None)

# how long an example takes says how busy the machine is, and the tests keep it busy themselves; a run of the tests
# tries the examples of every other run, so that what fails here fails there, and `make explore` tries new ones
settings.register_profile("explore", deadline=None)
settings.register_profile("same", deadline=None, derandomize=True)
settings.load_profile("same")

SETTINGS = ("FOI_SIGNING_KEY", "FOI_VERIFY_KEY", "FOI_KEPT_RELEASES")


def closed_off(patch: pytest.MonkeyPatch) -> None:
    """Keep the environment of whoever runs the tests out of them, and what they put into it out of the next test."""
    for name in ("FOI_RAW", "FOI_WAREHOUSE", "FOI_REFERENCE", "DAGSTER_HOME", *SETTINGS):
        patch.delenv(name, raising=False)
    # an instance of a test's own knows nothing of dagster.yaml, and would write to the home of whoever runs it
    patch.setenv("DAGSTER_DISABLE_TELEMETRY", "yes")


@pytest.fixture(autouse=True)
def no_places_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Close each test off."""
    closed_off(monkeypatch)


@pytest.fixture(autouse=True, scope="session")
def no_places_from_outside_for_many() -> Iterator[None]:
    """Close off what is made once for many tests: it is made before a test is."""
    with pytest.MonkeyPatch.context() as patch:
        closed_off(patch)
        yield


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    """Return an empty raw/ that disclosures can be written into, with a warehouse beside it."""
    return Raw.at(tmp_path)


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Return the build of the project's own raw/, published into a scratch warehouse."""
    build = Build.of(Places.of(ROOT / "raw", tmp_path_factory.mktemp("shipped")))
    outcome = publish(build)
    assert outcome.published, outcome.message
    return build


@pytest.fixture(scope="session")
def data() -> Iterator[Path]:
    """Return the folder of shared real data, or skip where there is none."""
    folder = Path(os.environ.get("FOI_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(f"the shared data folder is not here ({folder}; FOI_DATA names another)")
    yield folder
