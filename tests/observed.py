"""What tests look at: the observations of a build, as the relation has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.normalisation.observations import Observations
from pipeline.normalisation.relation import make_observation
from pipeline.publication.build import Build
from pipeline.store.duck import copy_out, memory, rows


def observed_rows(build: Build) -> list[dict[str, Any]]:
    """Return the observations of all extracts of a build, in order of extract, record, column and part."""
    assert build.refusals == (), [r.reason for r in build.refusals]
    with memory() as db:
        make_observation(db, [o.path for o in build.observations])
        return rows(db.execute("from observation order by extract_id, record_no, source_column, part_no"))


def written_out(observations: Observations, path: Path) -> Path:
    """Write the observations of one extract as one Parquet file of all columns, and return its path."""
    with memory() as db:
        make_observation(db, [observations.path])
        copy_out(db, "from observation", path)
    return path
