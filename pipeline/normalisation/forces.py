"""Police forces: the slugs that manifests, ids and folders use, and the name each force is known by.

The table is `reference/forces.csv`: the territorial forces of England and Wales (Police Act 1996, Schedule
1, and the City of London), Police Scotland, the PSNI, and invented forces, which are marked synthetic.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from pipeline.normalisation.labels import read_table
from pipeline.store.reference import ReferenceTableError, table_path

_FORCES_CSV = "forces.csv"


class _Force(NamedTuple):
    title: str
    synthetic: bool


def force_names() -> dict[str, bool]:
    """Return every known force slug, in the order of the table, with whether the force is made up."""
    return {slug: force.synthetic for slug, force in _forces().items()}


def force_title(slug: str) -> str:
    """Return the official name of a force.

    Raises:
        KeyError: the slug is not in reference/forces.csv; the message lists those that are.

    """
    forces = _forces()
    if slug not in forces:
        raise KeyError(f"unknown force {slug!r}: reference/forces.csv has {', '.join(sorted(forces))}")
    return forces[slug].title


@cache
def _forces() -> dict[str, _Force]:
    """Return the forces by slug. Raises ReferenceTableError where one stands twice, or is neither made up nor not."""
    path = table_path(_FORCES_CSV)
    forces: dict[str, _Force] = {}
    for row in read_table(_FORCES_CSV):
        slug, synthetic = row["force"], row["synthetic"]
        if slug in forces:
            raise ReferenceTableError(f"{path}: found {slug!r} twice; expected one row for a force; keep one")
        if synthetic not in {"yes", "no"}:
            raise ReferenceTableError(f"{path}: found synthetic {synthetic!r} for {slug!r}; expected yes or no")
        forces[slug] = _Force(row["name"], synthetic == "yes")
    return forces
