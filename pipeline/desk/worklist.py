"""The worklist: labels of the release in force that no reference table reads, and what they may be near to.

Here: the list with its places, and suggestions. Suggestions decide nothing: only a row in a reference table does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipeline.desk.reading import NothingPublished, Unknown
from pipeline.normalisation.ages import age_labels
from pipeline.normalisation.canonical import canonical, words
from pipeline.normalisation.coding import VOCABULARIES
from pipeline.normalisation.labels import LabelTable
from pipeline.normalisation.offence_list import offences
from pipeline.normalisation.offences import offence_labels
from pipeline.normalisation.outcomes import outcome_labels, outcomes
from pipeline.normalisation.platforms import platform_labels, platforms
from pipeline.normalisation.reading import UNMAPPED
from pipeline.store.duck import ask, opened
from pipeline.store.places import Places
from pipeline.store.releases import current_release

TO_MAP = ("unmapped", "conflict")
SUGGESTED = 5
NEAR = 65.0
"""The least score that is shown, of 100: below it words only share letters."""

_DIGITS = re.compile(r"\d+")
_TABLES: Mapping[str, Callable[[], LabelTable]] = {
    "platforms": platform_labels,
    "outcomes": outcome_labels,
    "offences": offence_labels,
    "ages": age_labels,
}
_VOCABULARY_OF = {dimension: name for name, dimension in VOCABULARIES.items()}


def worklist(
    places: Places, dimension: str | None = None, disclosure: str | None = None, table: str | None = None
) -> dict[str, Any]:
    """Return {release, labels, invalid}: what is unmapped or a conflict, the label of most records first.

    Each label is {dimension, vocabulary, label, status, n, places: [{extract_id, first_line, n, rule}]}; `n` counts
    records, and in tables of counts cells. `invalid` lists in the same form what can never be mapped, as an age of 999.
    `disclosure` is <force>/<reference>, `table` the id of a table in it. Raises NothingPublished, and Unknown where
    the release has no such disclosure or table.
    """
    release = current_release(places)
    if release is None:
        raise NothingPublished("nothing is published yet; run `foi refresh`")
    with opened(release.path) as db:
        for column, value in (("disclosure", disclosure), ("table_id", table)):
            known = [row[column] for row in ask(db, f"select distinct {column} from extract order by 1")]
            if value is not None and value not in known:
                raise Unknown(f"no {column} {value!r} in release {release.number}; it has {', '.join(known)}")
        found = ask(
            db,
            "select dimension, label, status, extract_id, first_line, n, rule from label join extract using "
            "(extract_id) where status not in ('mapped', 'unknown') and ? in ('', dimension) and ? in ('', disclosure) "
            "and ? in ('', table_id) order by dimension, label, n desc, extract_id",
            [dimension or "", disclosure or "", table or ""],
        )
    labels: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in found:
        key = (row["dimension"], row["label"], row["status"])
        new = dict(zip(("dimension", "label", "status"), key, strict=True))
        label = labels.setdefault(key, new | {"vocabulary": _VOCABULARY_OF[row["dimension"]], "n": 0, "places": []})
        label["n"] += row["n"]
        label["places"].append({name: row[name] for name in ("extract_id", "first_line", "n", "rule")})
    ordered = sorted(labels.values(), key=lambda label: (-label["n"], label["dimension"], label["label"]))
    return {
        "release": release.number,
        "labels": [label for label in ordered if label["status"] in TO_MAP],
        "invalid": [label for label in ordered if label["status"] not in TO_MAP],
    }


def candidates(vocabulary: str, label: str, limit: int = SUGGESTED) -> list[dict[str, Any]]:
    """Return the codes whose labels or names are written most like a label, the nearest first.

    Each is {code, name, score, because: {label, source}}: the row or official name that is near, and how near of 100.
    A label with other numbers is never near, whatever its words: in `Type 15` and `Type 16` the number is the meaning.
    Periods have no table and no candidates.
    """
    from rapidfuzz import fuzz

    text, numbers = words(label), _DIGITS.findall(canonical(label))
    best: dict[str, dict[str, Any]] = {}
    for near, code, source in _known(vocabulary):
        other = words(near)
        if _DIGITS.findall(canonical(near)) != numbers or not other:
            continue
        score = round(max(fuzz.ratio(text, other), fuzz.token_sort_ratio(text, other)), 1)
        before = best.get(code)
        if score >= NEAR and (before is None or (-score, near) < (-before["score"], before["because"]["label"])):
            because = {"label": near, "source": source}
            best[code] = {"code": code, "name": _name(vocabulary, code), "score": score, "because": because}
    return sorted(best.values(), key=lambda found: (-found["score"], found["code"]))[:limit]


def suggestions(places: Places, label: str | None, vocabulary: str | None, limit: int = SUGGESTED) -> dict[str, Any]:
    """Return {suggestions: [{label, vocabulary, n, candidates}]} for one label, or for the whole worklist.

    A label is taken under each vocabulary that the worklist has it in, else under all; `vocabulary` says which. `n` is
    null where the release does not have it.
    """
    listed: list[dict[str, Any]]
    try:
        listed = worklist(places)["labels"]
    except NothingPublished:
        if label is None:
            raise
        listed = []
    asked = [(e["label"], e["vocabulary"], e["n"]) for e in listed if label is None or e["label"] == label]
    if vocabulary is not None:
        asked = [entry for entry in asked if entry[1] == vocabulary]
    if label is not None and not asked:
        asked = [(label, name, None) for name in ([vocabulary] if vocabulary else _TABLES)]
    found = [
        {"label": text, "vocabulary": name, "n": n, "candidates": candidates(name, text, limit)}
        for text, name, n in asked
    ]
    return {"suggestions": found}


def _known(vocabulary: str) -> Iterator[tuple[str, str, str]]:
    """Yield every label and official name of a vocabulary that has a code, with the code and the source."""
    if vocabulary not in _TABLES:
        return
    for row in _TABLES[vocabulary]().rows:
        if row.code != UNMAPPED:
            yield row.label, row.code, row.source
    if vocabulary == "platforms":
        for platform in platforms().values():
            yield platform.name, platform.code, "platforms.csv"
    elif vocabulary == "outcomes":
        for outcome in outcomes().values():
            yield outcome.name, outcome.code, "outcomes.csv"
    elif vocabulary == "offences":
        for offence in offences().values():
            yield offence.name, offence.code, offence.source


def _name(vocabulary: str, code: str) -> str:
    if vocabulary == "platforms":
        return "; ".join(platforms()[part].name for part in code.split("|"))
    if vocabulary == "offences":
        return offences()[code].name
    return outcomes()[code].name if vocabulary == "outcomes" and code in outcomes() else code
