"""What a person may name to withdraw: an answer by its folder or its printed reference, and extracts of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pipeline.intake.manifest import MANIFEST_NAME
from pipeline.intake.raw import Raw
from pipeline.store.duck import opened
from pipeline.store.places import Places
from pipeline.store.releases import release_files
from pipeline.store.withdrawals import tombstones

Bytes = Mapping[str, frozenset[str]]
"""Extract ids, each with the SHA-256 of every file that it is or was in a kept release."""


class CannotWithdraw(Exception):
    """Raised where nothing can be withdrawn under that name, or not alone; says what there is and what to do."""


def named(places: Places, raw: Raw, ref: str) -> str:
    """Return the name of the answer that is meant."""
    said = ref.removeprefix("raw/").strip("/")
    references = {d.name: d.reference for d in raw.disclosures}
    references |= {t.disclosure: t.reference for t in tombstones(places) if t.disclosure not in references}
    if said in references or (places.raw / said / MANIFEST_NAME).is_file() or said in _published(places):
        return said
    found = sorted(name for name, reference in references.items() if reference == ref)
    if len(found) == 1:
        return found[0]
    if found:
        raise CannotWithdraw(f"{ref}: found {len(found)} answers, {', '.join(found)}; name one of them by its folder")
    raise CannotWithdraw(
        f"{ref}: found no such answer in {places.raw} or in a kept release; expected <force>/<folder> or the printed "
        "reference; `foi status` lists the extracts"
    )


def _published(places: Places) -> set[str]:
    found: set[str] = set()
    for release in release_files(places):
        with opened(release.path) as db:
            found |= {row[0] for row in db.execute("select distinct disclosure from extract").fetchall()}
    return found


def known_extracts(places: Places, raw: Raw, name: str) -> Bytes:
    """Return the extracts of an answer: in raw/, in kept releases, and those withdrawn before."""
    found = [(e.extract_id, e.sha256) for e in raw.extracts if e.disclosure.name == name]
    for release in release_files(places):
        with opened(release.path) as db:
            query = "select extract_id, sha256 from extract where disclosure = ?"
            found += db.execute(query, [name]).fetchall()
    found += [
        (extract, sha256)
        for t in tombstones(places)
        if t.disclosure == name
        for extract, every in t.extracts.items()
        for sha256 in every
    ]
    return {extract: frozenset(sha256 for e, sha256 in found if e == extract) for extract, _ in found}


def of_the_same_files(raw: Raw, known: Bytes, only: Collection[str]) -> Bytes:
    """Return the extracts asked for and all that are in the same files.

    Raises CannotWithdraw where one is not known, or where a part of one of their tables would be left: half a table
    would be counted as if it were whole.
    """
    if unknown := sorted(set(only) - known.keys()):
        raise CannotWithdraw(f"{', '.join(unknown)}: found no such extract; there are {', '.join(sorted(known))}")
    there = [e for e in raw.extracts if e.extract_id in known]
    paths = {e.path for e in there if e.extract_id in only}
    taken = set(only) | {e.extract_id for e in there if e.path in paths}
    tables = {e.table_key for e in there if e.extract_id in taken}
    if left := sorted(e.extract_id for e in there if e.table_key in tables and e.extract_id not in taken):
        more = " ".join(f"--extract '{extract}'" for extract in left)
        raise CannotWithdraw(
            f"{', '.join(sorted(taken))}: found other parts of the same table; a table is counted whole or not at all; "
            f"withdraw them with it: {more}"
        )
    return {extract: known[extract] for extract in taken}
