"""The five vocabularies side by side: which module reads the labels of which dimension."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from functools import cache

from pipeline.intake.manifest import Extract
from pipeline.normalisation.ages import age_labels, read_age
from pipeline.normalisation.forces import force_names
from pipeline.normalisation.labels import unknown_labels
from pipeline.normalisation.mentions import mention_rows
from pipeline.normalisation.offences import offence_labels, read_offence
from pipeline.normalisation.outcomes import outcome_labels, read_outcome
from pipeline.normalisation.periods import read_period
from pipeline.normalisation.platforms import platform_labels, read_platform
from pipeline.normalisation.reading import (
    AgeReading,
    OffenceReading,
    OutcomeReading,
    PeriodReading,
    PlatformReading,
)

AnyReading = PeriodReading | OffenceReading | OutcomeReading | PlatformReading | AgeReading

offence = cache(read_offence)
outcome = cache(read_outcome)
platform = cache(read_platform)
age = cache(read_age)

BY_DIMENSION: dict[str, Callable[[str], AnyReading]] = {
    "offence": offence,
    "outcome": outcome,
    "platform": platform,
    "age": age,
}


def read_tables() -> None:
    """Read every reference table, so that a broken one is known before anything is built.

    Raises ReferenceTableError.
    """
    for read in (unknown_labels, platform_labels, outcome_labels, offence_labels, age_labels, force_names):
        read()
    mention_rows()
    # what is read by words of its own has its tables read with the first label
    for dimension in BY_DIMENSION:
        BY_DIMENSION[dimension]("nothing that is written anywhere")


def period(label: str, extract: Extract) -> PeriodReading:
    """Return what a period label of an extract means.

    True ends that the manifest gives for the label win; else the label is read under the declared basis.
    """
    terms = extract.terms
    basis = terms.covers.basis if terms.covers else None
    spans = dict(terms.period_labels or {})
    if terms.wide and terms.wide.dimension == "period":
        spans |= {c.label: c.period for c in terms.wide.columns if c.period is not None}
    if label in spans:
        span = spans[label]
        return of_dates(label, span.start, span.end_exclusive, basis)
    constant = (terms.constants or {}).get("period")
    if constant is not None and constant.value == label and constant.start and constant.end:
        return of_dates(label, constant.start, date.fromordinal(constant.end.toordinal() + 1), basis)
    return read_period(label, basis)


def of_dates(label: str, start: date, end: date, basis: str | None) -> PeriodReading:
    """Return a period whose true ends are declared; kind and part follow from the ends as they do for labels."""
    read = read_period(f"{start} to {date.fromordinal(end.toordinal() - 1)}", basis)
    return PeriodReading(label, read.start, read.end, read.basis, read.part, read.status, "manifest")


def read(dimension: str, labels: Iterable[str], extract: Extract) -> dict[str, AnyReading]:
    """Return the reading of each label of a dimension, in the order given."""
    if dimension == "period":
        return {label: period(label, extract) for label in labels}
    return {label: BY_DIMENSION[dimension](label) for label in labels}


def is_read(reading: AnyReading) -> bool:
    """Return True where a label was read, a word for unknown included."""
    return reading.status in {"mapped", "unknown"}
