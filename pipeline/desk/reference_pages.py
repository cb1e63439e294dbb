"""The pages of the reference: each platform, outcome, offence class and age with its labels and where each was seen.

Here: Markdown from the tables in pipeline/normalisation/reference/. Not here: how often a label was met, which a
release says (`foi labels`): these pages are the same whatever is in the warehouse.
"""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence

from pipeline.desk.markdown import anchor, code, linked, table
from pipeline.normalisation.ages import age_labels
from pipeline.normalisation.labels import LabelRow, LabelTable, unknown_labels
from pipeline.normalisation.mentions import mention_rows
from pipeline.normalisation.offence_list import Offence, offences
from pipeline.normalisation.offences import offence_labels, press_categories
from pipeline.normalisation.outcomes import FLAGS, outcome_labels, outcomes
from pipeline.normalisation.platforms import platform_labels, platforms
from pipeline.normalisation.reading import UNKNOWN, UNMAPPED

_GENERATED = (
    "Generated from `pipeline/normalisation/reference/` by `make docs`; do not edit. A label is matched without regard "
    "to case, blanks, and kinds of dashes and quotes. What a label means was decided by a person; who, when and "
    "where it was seen is in {file}, one row for each place. A number in brackets is the place, listed "
    "[at the end](#where-the-labels-were-seen). Pages: [platforms](platforms.md), [outcomes](outcomes.md), "
    "[offences](offences.md), [ages and unknown](ages.md)."
)
_PLACES = "Where the labels were seen"
_LEVELS = {
    "type": "Types",
    "group": "Groups",
    "status": "Statuses",
    "subgroup": "Sub groups",
    "arrest_wording": "Wordings of arrests",
    "local": "Local names",
}
_KINDS = {
    "platform": "Single platforms",
    "product": "Products of a platform",
    "group": "Owners' groups",
    "generic": "Classes of platforms",
}


class _Places:
    """The places where labels were seen, numbered in order of their text."""

    def __init__(self, *tables: LabelTable) -> None:
        sources = sorted({row.source for labels in tables for row in labels.rows}, key=str.casefold)
        self._number = {source: number for number, source in enumerate(sources, 1)}

    def of(self, rows: Iterable[LabelRow]) -> str:
        """Return the numbers of the places of some rows, in brackets."""
        return f"[{', '.join(map(str, sorted({self._number[row.source] for row in rows})))}]"

    def section(self) -> list[str]:
        """Return the list of the places."""
        lines = [f"{number}. {linked(source)}" for source, number in self._number.items()]
        return [f"## {_PLACES}", "\n".join(lines)]


def reference_pages() -> dict[str, str]:
    """Return the pages of the reference: file name in docs/reference/ and text."""
    return {"platforms.md": _platforms(), "outcomes.md": _outcomes(), "offences.md": _offences(), "ages.md": _ages()}


def _page(title: str, file: str, *parts: str) -> str:
    folder = "../../pipeline/normalisation/reference"
    files = " and ".join(f"[{name}]({folder}/{name})" for name in file.split())
    return "\n\n".join([f"# {title}", _GENERATED.format(file=files), *parts]) + "\n"


def _by_code(labels: LabelTable) -> dict[str, dict[str, list[LabelRow]]]:
    """Return the rows of a table by code and label; a label seen in several places has several rows."""
    found: dict[str, dict[str, list[LabelRow]]] = defaultdict(lambda: defaultdict(list))
    for row in labels.rows:
        found[row.code][row.label].append(row)
    return found


def _in_one_cell(labels: dict[str, list[LabelRow]], places: _Places) -> str:
    return "; ".join(f"{code(label)} {places.of(rows)}" for label, rows in labels.items())


def _listed(labels: dict[str, list[LabelRow]], places: _Places) -> str:
    return "\n".join(f"- {code(label)} {places.of(rows)}{_remark(rows)}" for label, rows in labels.items())


def _remark(rows: Sequence[LabelRow]) -> str:
    """Return what is said of a label beside its code: an arrest, a presumed class, a note."""
    more = rows[0].more
    said = [
        f"arrest: {more['arrest']}" if more.get("arrest", "unknown") != "unknown" else "",
        f"presumed class {more['presumed_class']}" if more.get("presumed_class") else "",
        *dict.fromkeys(row.note for row in rows),
    ]
    return "".join(f"; {linked(text)}" for text in said if text)


def _platforms() -> str:
    labels, places = _by_code(platform_labels()), _Places(platform_labels())
    parts = []
    for kind, title in _KINDS.items():
        rows = [
            (code(p.code), p.name, p.owner, p.part_of, _in_one_cell(labels[p.code], places))
            for p in platforms().values()
            if p.kind == kind
        ]
        parts += [f"## {title}", table(("code", "name", "owner", "part of", "labels"), rows)]
    several = {of: labels[of] for of in labels if "|" in of}
    parts += ["## Labels that name several", table(("codes", "labels"), [
        (", ".join(map(code, of.split("|"))), _in_one_cell(found, places)) for of, found in several.items()
    ])]  # fmt: skip
    parts += _in_free_text()
    return _page("Platforms", "platforms.csv platform_labels.csv", *parts, *places.section())


def _in_free_text() -> list[str]:
    argued = [
        (
            code(row.label),
            ("yes" if row.counts else "no") + ("" if row.case == "any" else f", {row.case} case"),
            row.reason,
        )
        for row in mention_rows()
        if not row.counts or row.case != "any" or "decided by the project" in row.source
    ]
    return [
        "## In free text",
        "Every label above counts in a column of platforms. In free text (an MO column, read only where that is asked "
        "for) those below do not, or only so; all other labels of one platform, product or owner's group do. "
        "Labels of classes of platforms and of several platforms never do. Ordinary English is what the spelling "
        "list of Vim 9.0 has in lower case (`runtime/spell/en.utf-8.spl`, region gb); every decision is in "
        "[platform_mentions.csv](../../pipeline/normalisation/reference/platform_mentions.csv).",
        table(("label", "counts in free text", "why"), argued),
    ]


def _outcomes() -> str:
    labels, places = _by_code(outcome_labels()), _Places(outcome_labels())
    known = sorted(outcomes().values(), key=lambda o: (list(_LEVELS).index(o.level), _natural(o.code)))
    parts = [
        "A type has a group by the Home Office's list. A label is given a type only where it says one type; where it "
        "fits several, it is given their group or a status.",
        table(
            ("code", "name", "group", "since", "flags"),
            [
                (
                    f"[{o.code}](#{anchor(f'{o.code} {o.name}')})",
                    o.name,
                    o.group or "",
                    o.introduced,
                    ", ".join(flag.replace("_", " ") for flag in FLAGS if flag in o.flags),
                )
                for o in known
            ],
        ),
    ]
    for level in dict.fromkeys(o.level for o in known):
        parts.append(f"## {_LEVELS[level]}")
        for outcome in (o for o in known if o.level == level):
            own = labels[outcome.code]
            words = "No label of its own: read by its number." if level == "type" else "No label of its own."
            parts += [f"### {outcome.code} {outcome.name}", _listed(own, places) if own else words]
    parts += _not_read(labels, places)
    return _page("Outcomes", "outcomes.csv outcome_labels.csv", *parts, *places.section())


def _offences() -> str:
    labels, places = _by_code(offence_labels()), _Places(offence_labels(), press_categories())
    by_class: dict[str | None, list[str]] = defaultdict(list)
    for offence in offences().values():
        if offence.level == "code":
            by_class[offence.offence_class].append(offence.code)
    classes = sorted((o for o in offences().values() if o.level == "class"), key=lambda o: _natural(o.code))
    parts = [
        "A label is given the class, sub group or group that it says, never a narrower one. A class is also read by "
        "its code (`8L`, `08L`), by its codes of offences, and by its exact name; those are not labels here.",
    ]
    for group in sorted({o.group or "" for o in classes}):
        own = [o for o in classes if (o.group or "") == group]
        parts += [
            f"## {offences()[group].name if group in offences() else 'No group'}",
            _classes(own, labels, by_class),
        ]
        for offence in own:
            found = {k: v for each in (offence.code, *by_class[offence.code]) for k, v in labels[each].items()}
            if found:
                parts += [f"### {_heading(offence)}", _listed(found, places)]
    for level in ("subgroup", "group", "arrest_wording", "local"):
        rows = [
            (code(o.code), o.name, _in_one_cell(labels[o.code], places), "; ".join(_remarks(labels[o.code])))
            for o in sorted(offences().values(), key=lambda o: o.code)
            if o.level == level and labels[o.code]
        ]
        title = "Labels of a whole group" if level == "group" else _LEVELS[level]
        parts += [f"## {title}", table(("code", "name", "labels", "remarks"), rows)]
    no_class = [offences()[each] for each in by_class[None]]
    parts += [
        "## Codes of no one class",
        "Ended, not notifiable, or with offences in several classes.",
        table(
            ("code", "name", "from", "to", "labels"),
            [(code(o.code), o.name, o.valid_from, o.valid_to, _in_one_cell(labels[o.code], places)) for o in no_class],
        ),
        "## Categories of the press",
        "A vocabulary of its own, for printed claims only: none is an offence class.",
        table(
            ("code", "labels"),
            [(code(of), _in_one_cell(found, places)) for of, found in _by_code(press_categories()).items()],
        ),
    ]
    parts += _not_read(labels, places)
    return _page("Offences", "ho_offences.csv offence_supplement.csv offence_labels.csv", *parts, *places.section())


def _classes(
    own: Sequence[Offence],
    labels: dict[str, dict[str, list[LabelRow]]],
    by_class: dict[str | None, list[str]],
) -> str:
    rows = []
    for offence in own:
        n = sum(len(labels[each]) for each in (offence.code, *by_class[offence.code]))
        name = f"[{offence.code}](#{anchor(_heading(offence))})" if n else offence.code
        subgroup = offences()[offence.subgroup].name if offence.subgroup else ""
        rows.append((name, offence.name, subgroup, ", ".join(by_class[offence.code]), str(n)))
    return table(("class", "name", "sub group", "codes", "labels"), rows)


def _heading(offence: Offence) -> str:
    return f"{offence.code} {offence.name}"


def _remarks(labels: dict[str, list[LabelRow]]) -> list[str]:
    return list(dict.fromkeys(remark.removeprefix("; ") for rows in labels.values() if (remark := _remark(rows))))


def _ages() -> str:
    ages, unknown = _by_code(age_labels()), _by_code(unknown_labels())
    places = _Places(age_labels(), unknown_labels())
    parts = [
        "Ages and bands that are written in digits (`14`, `12-15`, `under 18`, `65+`) are read by their structure and "
        "are no labels here.",
        "## Ages",
        table(("code", "labels"), [(code(of), _in_one_cell(ages[of], places)) for of in sorted(ages)]),
        "## Words for unknown",
        "In every vocabulary these say that the force does not know. A blank cell says the same.",
        table(("code", "labels"), [(code(of), _in_one_cell(unknown[of], places)) for of in sorted(unknown)]),
    ]
    return _page("Ages and unknown", "age_labels.csv unknown_labels.csv", *parts, *places.section())


def _not_read(labels: dict[str, dict[str, list[LabelRow]]], places: _Places) -> list[str]:
    """Return the labels that say nothing is known, and those that were looked at and left Unmapped, with why."""
    parts = []
    for of, title in ((UNKNOWN, "Unknown"), (UNMAPPED, "Left unmapped")):
        if labels[of]:
            parts += [f"## {title}", _listed(labels[of], places)]
    return parts


def _natural(text: str) -> tuple[int, str]:
    """Return a key that sorts 2 before 2A and both before 10; what begins with no number comes last."""
    number = re.match(r"\d+", text)
    return (int(number[0]) if number else sys.maxsize, text)
