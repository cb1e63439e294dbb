"""Facts about tables: what every figure of a table carries along, whatever it counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from pipeline.intake.manifest import Between, Disclosure, Extract, Table, Terms
from pipeline.intake.raw import replacements


@dataclass(frozen=True)
class Caveat:
    """A limitation in words. `caveat_id` is `<disclosure>[/<table>]#<what>`."""

    caveat_id: str
    text: str


@dataclass(frozen=True)
class TableFacts:
    """What the manifest says of one table, as its figures need it."""

    disclosure: Disclosure
    table: Table
    extracts: tuple[Extract, ...]
    superseded_by: str | None
    caveats: tuple[Caveat, ...]

    @property
    def key(self) -> tuple[str, str]:
        """(disclosure name, table id)."""
        return self.disclosure.name, self.table.id

    @property
    def terms(self) -> Terms:
        """The terms that all extracts of a table share."""
        return self.extracts[0].terms

    @property
    def covers(self) -> tuple[date, date] | None:
        """What the table covers, half-open."""
        covers = self.terms.covers
        return (covers.start, covers.end_exclusive) if covers else None

    @property
    def is_cut(self) -> bool:
        """True where we do not have the whole table."""
        return any(e.terms.complete != "yes" for e in self.extracts)

    @property
    def known_total(self) -> int | None:
        """What a cut table adds up to as a whole, where somebody said it."""
        return next((e.terms.known_total.value for e in self.extracts if e.terms.known_total), None)

    def complete(self, seen: int | None) -> str:
        """Return how much of the table we have, in words; `seen` is the sum of the counts we have."""
        if not self.is_cut:
            return "yes"
        kinds = {str(e.terms.complete) for e in self.extracts} - {"yes"}
        if self.known_total is None or seen is None:
            return f"{'/'.join(sorted(kinds))}, whole not known"
        return f"{seen:,} of {self.known_total:,} seen"


def table_facts(disclosures: Iterable[Disclosure], extracts: Sequence[Extract]) -> list[TableFacts]:
    """Return the facts of every table that has an accepted extract, in order of disclosure and table."""
    superseded = _superseded(list(disclosures))
    keyed = sorted(extracts, key=lambda e: (e.table_key, e.extract_id))
    return [_facts(tuple(group), superseded) for _, group in groupby(keyed, key=lambda e: e.table_key)]


def _facts(extracts: tuple[Extract, ...], superseded: Mapping[str, str]) -> TableFacts:
    first = extracts[0]
    return TableFacts(
        disclosure=first.disclosure,
        table=first.table,
        extracts=extracts,
        superseded_by=superseded.get(first.disclosure.name),
        caveats=tuple(_caveats(extracts)),
    )


def _superseded(disclosures: list[Disclosure]) -> dict[str, str]:
    """Return, for each disclosure that another one replaces or corrects, the name of that one."""
    return {older.name: newer.name for older, newer, _ in replacements(disclosures)}


def _caveats(extracts: tuple[Extract, ...]) -> Iterable[Caveat]:
    disclosure, table, terms = extracts[0].disclosure, extracts[0].table, extracts[0].terms
    here = f"{disclosure.name}/{table.id}"
    yield Caveat(f"{here}#population", f"Counts: {table.population or 'population not stated'}.")
    yield Caveat(f"{here}#as-at", _as_at_words(terms.as_at))
    if terms.layout == "records" and terms.covers is None:
        yield Caveat(f"{here}#covers", _NO_COVERS_WORDS)
    if terms.search is not None:
        yield Caveat(f"{here}#search", _search_words(extracts[0]))
    if extracts[0].platforms_in_text:
        yield Caveat(f"{here}#mentions", _MENTIONS_WORDS)
    yield Caveat(f"{here}#evidence", _evidence_words(extracts[0]))
    for caveat in disclosure.caveats:
        if caveat.tables is None or table.id in caveat.tables:
            yield Caveat(f"{disclosure.name}#{caveat.id}", caveat.text)
    yield Caveat("#not-comparable", "Forces record, search and count in their own ways: not for comparing forces.")


_NO_COVERS_WORDS = (
    "Which period the records cover is not stated: what is added up from months or days may be part of a year."
)
_MENTIONS_WORDS = (
    "Platforms were found by looking for their names in a free text: other spellings, and names that are also ordinary "
    "words, are missed; a name does not say what part the platform had; a record that names none may still involve one."
)


def _as_at_words(as_at: date | Between | None) -> str:
    if as_at is None:
        return "The day on which the force took these data is not stated."
    if isinstance(as_at, Between):
        return f"The data were taken between {as_at.after} and {as_at.before}; a later extract may differ."
    return f"The data are as at {as_at}; a later extract may differ."


def _search_words(extract: Extract) -> str:
    search = extract.terms.search
    if search is None:
        raise AssertionError("called for extracts with a search only")
    terms = ", ".join(f"'{t.text}'" for t in search.terms) or "terms that are not stated"
    where = " in ".join(part for part in (search.field, search.scope) if part)
    together = (
        " They were counted together, so no count is of one of them alone."
        if extract.combined_platforms and len(extract.combined_platforms) > 1
        else ""
    )
    return f"Found by searching for {terms}{' in ' + where if where else ''}; other spellings are missed.{together}"


def _evidence_words(extract: Extract) -> str:
    terms, name = extract.terms, extract.entry.file
    match terms.evidence:
        case "received":
            return f"{name} is the force's own file."
        case "synthetic":
            return f"{name} is made up for testing: it says nothing about any force."
        case "press_compiled":
            return f"{name} was put together from press reports; the force's file is not held."
        case kind:
            transcription = terms.transcription
            source = (transcription and transcription.from_url) or "a source that is not stated"
            made = "our transcription of" if kind == "transcribed" else "a third party's copy of"
            doubts = f" Doubts: {transcription.doubts}" if transcription and transcription.doubts else ""
            return f"{name} is {made} {source}; the force's file is not held.{doubts}"
