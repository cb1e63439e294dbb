"""The build: all stages over one look at raw/, each done once and only if its store file is not there.

Any stage may be asked for alone: it asks for what it needs. Everything is a pure function of the inputs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import monotonic

from pipeline.figures import sql
from pipeline.figures.builder import FigureFile, FigureInputs, ensure_figures
from pipeline.figures.catalogue import COUNTED, TABLES
from pipeline.intake.manifest import Extract
from pipeline.intake.problem import Problem
from pipeline.intake.raw import Raw, Refusal, read_raw
from pipeline.intake.source import ensure_source
from pipeline.lineage.controls import Control, controls
from pipeline.normalisation.forces import force_names
from pipeline.normalisation.observations import Observations, ensure_observations
from pipeline.store.places import Places
from pipeline.store.releases import current_release, listed_files
from pipeline.validation.gate import Validated, ensure_validated
from pipeline.validation.ledger import ExtractLedger, ledgers


@dataclass(frozen=True)
class Build:
    """One look at raw/ and everything built from it. The look is taken once, so no two stages see different inputs.

    `before` are the store files of the release that was in force, relative to the warehouse. `begun` is when the look
    was taken, by `time.monotonic`.
    """

    places: Places
    raw: Raw
    before: frozenset[str] = frozenset()
    begun: float = field(default_factory=monotonic, compare=False)

    @classmethod
    def of(cls, places: Places) -> Build:
        """Return the build of what lies in raw/ now."""
        return cls(places, read_raw(places, force_names()), listed_files(current_release(places)))

    def is_reused(self, path: Path) -> bool:
        """Return True where the release that was in force has this store file already."""
        return self.places.relative(path) in self.before

    def verdict_of(self, extract: Extract) -> Validated | Refusal:
        """Return the verdict on an extract, or why it was refused."""
        source = ensure_source(self.places, extract)
        return source if isinstance(source, Refusal) else ensure_validated(self.places, source)

    def observations_of(self, verdict: Validated) -> Observations:
        """Return the observations of what an extract's verdict accepts."""
        return ensure_observations(self.places, verdict.source, verdict.accepted, verdict.cells)

    @cached_property
    def validated(self) -> tuple[Validated | Refusal, ...]:
        """The verdict on each extract, or why it was refused."""
        return tuple(self.verdict_of(extract) for extract in self.raw.extracts)

    @cached_property
    def refusals(self) -> tuple[Refusal, ...]:
        """Everything refused, held-back sister extracts included: half a table would give wrong figures."""
        refused = [r for r in self.validated if isinstance(r, Refusal)]
        names = {r.name for r in refused}
        tables = {e.table_key for e in self.raw.extracts if e.extract_id in names}
        held_back = [
            Refusal(e.extract_id, (self._held_back(e),))
            for e in self.raw.extracts
            if e.table_key in tables and e.extract_id not in names
        ]
        return (*self.raw.refusals, *refused, *held_back)

    def _held_back(self, extract: Extract) -> Problem:
        return Problem(
            file=self.places.shown(extract.path),
            found=f"another part of table {extract.table.id} refused",
            expected="all parts of a table",
            remedy="mend the other part; a table is counted whole or not at all",
        )

    @cached_property
    def accepted(self) -> tuple[Validated, ...]:
        """The verdicts on the extracts that go into figures."""
        refused = {r.name for r in self.refusals}
        return tuple(v for v in self.validated if isinstance(v, Validated) and v.extract.extract_id not in refused)

    @cached_property
    def observations(self) -> tuple[Observations, ...]:
        """The observations of each accepted extract."""
        return tuple(self.observations_of(verdict) for verdict in self.accepted)

    @cached_property
    def inputs(self) -> FigureInputs:
        """What all figure tables are built from."""
        return FigureInputs(self.raw.disclosures, self.observations)

    def figures(self, name: str) -> FigureFile:
        """Return the file of one figure table."""
        return ensure_figures(self.places, self.inputs, name)

    def all_figures(self) -> dict[str, FigureFile]:
        """Return the file of every figure table, in the order of the catalogue."""
        return {name: self.figures(name) for name in TABLES}

    @cached_property
    def ledgers(self) -> tuple[ExtractLedger, ...]:
        """The account of each accepted extract."""
        pairs = [(v, o.path) for v, o in zip(self.accepted, self.observations, strict=True)]
        return tuple(ledgers(pairs, sql.feeds(COUNTED)))

    @cached_property
    def controls(self) -> tuple[Control, ...]:
        """Every control of every accepted table."""
        if not self.observations:
            return ()
        return tuple(controls(self.inputs.db, self.inputs.facts))
