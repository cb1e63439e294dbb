"""`foi add --as`: files of a well-known form become a disclosure by a ready mapping, without a letter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.intake.problem import Problem, Refused
from pipeline.intake.raw import read_raw
from pipeline.normalisation.forces import force_names
from pipeline.reception.adding import Proposal
from pipeline.reception.arrival import unpack
from pipeline.reception.earlier import Before
from pipeline.reception.mapping import map_files, mappings
from pipeline.store.places import Places


def propose_mapped(
    places: Places, files: Sequence[Path], name: str, say: Callable[[str], None] = lambda words: None
) -> Proposal:
    """Return what a mapping makes of files, given what lies in raw/; raises Refused where it does not fit.

    `say` is told what is left out of an archive.
    """
    mapping = mappings().get(name)
    if mapping is None:
        known = ", ".join(mappings())
        raise Refused(Problem("--as", f"the mapping {name!r}", f"one of {known}", "mend the name, or leave out --as"))
    arrived = unpack(files, say)
    if not arrived:
        raise Refused(Problem("--as", "no file", "files of the mapping", "name the files"))
    digests = {one.name: one.sha256 for one in arrived}
    earlier = read_raw(places, force_names()).disclosures
    draft, unsure = map_files(mapping, digests, earlier)
    return Proposal(arrived=arrived, draft=draft, letter=None, unsure=unsure, before=Before(earlier), said={})
