"""What the labels of an extract mean: their readings as its manifest has them, and the codes these give its counts.

Here: what follows from a label and the extract that it stands in. Not here: what a label means anywhere
(vocabulary.py), and where labels stand (observations.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pipeline.intake.manifest import Extract
from pipeline.normalisation import vocabulary
from pipeline.normalisation.buckets import YEAR_BASES, buckets_of, dimensions_of
from pipeline.normalisation.free_text import read_label
from pipeline.normalisation.reading import (
    UNMAPPED,
    AgeReading,
    OffenceReading,
    OutcomeReading,
    PeriodReading,
    PlatformReading,
    Status,
)
from pipeline.normalisation.vocabulary import AnyReading


def read_labels(dimension: str, labels: Iterable[str], extract: Extract) -> dict[str, AnyReading]:
    """Return the reading of each label of a dimension, as the extract means it."""
    if dimension != "platform":
        return vocabulary.read(dimension, labels, extract)
    if extract.platforms_in_text:
        return {label: read_label(label) for label in labels}
    if (combined := extract.combined_platforms) is not None:
        return {label: _combined(label, combined) for label in labels}
    if extract.terms.layout == "counts":
        return {label: _joint(vocabulary.platform(label)) for label in labels}
    return vocabulary.read(dimension, labels, extract)


def said_label(extract: Extract, dimension: str) -> str | None:
    """Return the label that all lines of an extract share, or None where they say it themselves or nobody does.

    A manifest that gives a constant for what a column says is refused.
    """
    if dimension == "platform" and extract.combined_platforms is not None:
        return " or ".join(extract.combined_platforms)
    constant = (extract.terms.constants or {}).get(dimension)
    return constant.value if constant is not None else None


def _joint(reading: PlatformReading) -> PlatformReading:
    """Return what the platform label of a printed count means: one count for several platforms is never split."""
    if len(reading.codes) < 2:
        return reading
    return replace(reading, codes=(any_of(reading.codes),))


def any_of(codes: Iterable[str]) -> str:
    """Return the code of a count for several platforms together."""
    return f"any({','.join(sorted(codes))})"


def _combined(label: str, platforms: tuple[str, ...]) -> PlatformReading:
    """Return the one code for counts found by searching several platforms at once.

    Such a count is never split: it is of `any(a,b)`, a code of its own.
    """
    parts = [vocabulary.platform(p) for p in platforms]
    if len(parts) == 1:
        return _joint(parts[0])
    codes = {code for part in parts for code in part.codes}
    code = any_of(codes) if len(codes) > 1 else min(codes)
    mapped = all(vocabulary.is_read(part) for part in parts)
    status: Status = "mapped" if mapped else "unmapped"
    code = code if mapped else UNMAPPED
    return PlatformReading(label, (code,), (label,), status, "search over several", "manifest")


def codes_of(reading: AnyReading) -> tuple[Any, ...]:
    """Return what a reading says of an observation, as columns.MAPPED has it for its dimension."""
    match reading:
        case PeriodReading():
            if reading.start is None:
                return (None, None, None, None)
            return (f"{reading.start}/{reading.end}", reading.start, reading.end, reading.basis)
        case OutcomeReading():
            return (reading.code, reading.level, reading.arrest)
        case OffenceReading():
            return (reading.code, reading.level, reading.presumed_class)
        case PlatformReading():
            return (list(reading.codes),)
        case AgeReading():
            return (reading.age_min, reading.age_max, reading.kind, reading.band)


def listed(reading: AnyReading) -> tuple[str, str | None, str, str, str]:
    """Return how a reading is listed among the labels: code, level, status, rule and source."""
    match reading:
        case PlatformReading():
            return ("; ".join(reading.codes), None, reading.status, reading.rule, reading.source)
        case AgeReading():
            return (reading.band, reading.kind, reading.status, reading.rule, "")
        case PeriodReading():
            code = f"{reading.start}/{reading.end}" if reading.start else UNMAPPED
            return (code, reading.basis, reading.status, reading.rule, "")
        case _:
            return (reading.code, reading.level, reading.status, reading.rule, reading.source)


def own_dimensions(extract: Extract) -> list[str]:
    """Return the dimensions that every observation of an extract has, its period apart, sorted."""
    return sorted({*extract.dimensions_in_lines, *extract.constant_dimensions} - {"period"})


def dimensions_with(extract: Extract, basis: str | None) -> list[str]:
    """Return the dimensions of an observation whose period has a basis, sorted."""
    return sorted([*own_dimensions(extract), *dimensions_of(basis, str(extract.terms.layout))])


def uncertain_dimensions(extract: Extract) -> list[str]:
    """Return the dimensions of an extract whose column cannot be proved; of a period both month and year."""
    names = extract.terms.uncertain or ()
    return sorted({d for name in names for d in (("month", "year") if name == "period" else (name,))})


def bucket_rows(extract: Extract, readings: Mapping[str, AnyReading]) -> list[tuple[Any, ...]]:
    """Return the months and years that each period counts in, as columns.BUCKET_COLUMNS, in order."""
    covers = extract.terms.covers
    span = (covers.start, covers.end_exclusive) if covers else None
    rows = {
        (extract.extract_id, f"{r.start}/{r.end}", b.kind, b.basis, b.code, b.start, b.end, b.part)
        for r in readings.values()
        if isinstance(r, PeriodReading)
        for b in buckets_of(r, str(extract.terms.layout), span)
    }
    by_year = {r.basis for r in readings.values() if isinstance(r, PeriodReading) and r.basis in YEAR_BASES}
    if extract.terms.layout == "records" and by_year:
        # lines by year are in no month and in no year of another kind: those are never whole
        rows = {(*row[:-1], row[-1] or row[3] not in by_year) for row in rows}
    return sorted(rows)
