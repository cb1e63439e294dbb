"""Names of offences: what the words of a label stand for in the Home Office list.

What a name alone is, and what decides where it has two readings:

- a name equal to exactly one class name is that class; where a sub group bears the name too, it is the
  class only if the sub group holds nothing else (Shoplifting is 46), and otherwise `local:` with a presumed
  class (Other theft; Burglary business and community);
- a group without sub groups is the group (Robbery);
- the wording of a listed offence names its class, never its code, and only if all offences so worded lie in
  one class (Burglary lies in ten). Wordings of the catch-all classes (95, 99, NFIB) name nothing alone;
- the bare word Harassment is `local:harassment`, presumed 8L: forces use it for more than the class.

Words beside a code are held to the same names, whole: only filling words, a plural and the short forms listed
here may differ. `with` is not `without`, and a word left out makes another name or none. See `words_agree`.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from functools import cache
from typing import NamedTuple

from pipeline.normalisation.canonical import words
from pipeline.normalisation.labels import LabelRow, LabelTable, read_table
from pipeline.normalisation.offence_list import HOME_OFFICE_OFFENCES, classes_of, offence_class, offences
from pipeline.store.naming import slug

_CATCH_ALL = re.compile(r"95|99|NFIB\w+|")
_FILLING = frozenset({"and", "or", "the", "of", "a", "an", "etc", "in", "to", "by"})
_SHORT_FORMS = {
    "agg": "aggravated",
    "comms": "communications",
    "inj": "injury",
    "misc": "miscellaneous",
    "poss": "possession",
    "rac": "racially",
    "relig": "religiously",
}
# parts of class names that forces write shorter, for words beside a code only; no two classes differ by nothing else
_ALSO_WRITTEN = (
    ("racially or religiously aggravated", "racially aggravated"),
    ("racially or religiously aggravated", "religiously aggravated"),
    ("emergency worker other than a constable", "emergency worker"),
    ("dwelling other than from automatic machine or meter", "dwelling"),
    ("conspiracy to commit murder", "conspiracy to murder"),
    ("threat or possession with intent to commit", "threat to commit"),
    ("theft or unauthorised taking of motor vehicle", "theft of vehicle"),
    ("concealing knowledge of the proceeds", "concealing proceeds"),
    ("for the purpose of prostitution", "for prostitution"),
    ("incest or familial sexual offences", "familial sexual offences"),
    ("firearms knives and offensive weapon offences", "firearms offences"),
    ("sexual grooming", "grooming"),
)
# a name that lost one of these, or had one cut, may be that of another class
_QUALIFIERS = frozenset(
    {
        *("not", "no", "non", "with", "without", "other", "than", "except", "excluding", "under", "over", "against"),
        *("attempt", "attempted", "conspiracy", "aggravated", "racially", "religiously"),
        *("aged", "male", "female", "child", "children", "adult"),
    }
)


class _Names(NamedTuple):
    classes: dict[str, frozenset[str]]
    subgroups: dict[str, str]
    groups: dict[str, str]
    wordings: dict[str, frozenset[str]]


class _NamesAlike(NamedTuple):
    """What the names of the list stand for, by the form that words beside a code are held to (`_alike`).

    `wider` holds the classes of a sub group or group, by its name in plain words.
    """

    classes: dict[str, frozenset[str]]
    codes: dict[str, frozenset[str]]
    classes_of_codes: dict[str, frozenset[str]]
    wider: dict[str, frozenset[str]]


def code_of_name(label: str) -> tuple[str | None, str]:
    """Return the code that a name alone stands for, None where it stands for none, and the rule that decided."""
    text, names = words(label), _names()
    if text in names.groups:
        return names.groups[text], "name of one Home Office group"
    if len(named := names.classes.get(text, frozenset())) == 1:
        return min(named), "name of one Home Office class"
    if text in names.subgroups:
        return names.subgroups[text], "name of one Home Office sub group"
    worded = names.wordings.get(text, frozenset())
    if len(worded) == 1 and not _CATCH_ALL.fullmatch(min(worded)):
        return min(worded), "wording of offences in one Home Office class"
    return None, "the words name several classes, or a catch-all class" if worded or named else "no reference row"


def words_agree(code: str, text: str, table: LabelTable, *, may_count: bool) -> bool | None:
    """Return whether words name a code (True) or another one (False); None where they are no name, or of either.

    A name is one of its class, of an offence (of the code itself, where it is no class), of a level above, or
    a label with a row. What names a level above, or an offence, and another class too (`28J Residential burglary
    of a home`) is neither; a number that may be a count needs the name of its class, since any count may stand
    before that of a group.
    """
    own, said, names = classes_of(code), _alike(text), _names_alike()
    classes, codes = names.classes.get(said, frozenset()), names.codes.get(said, frozenset())
    if said == _alike(offences()[code].name) or own & classes:
        return True
    if codes and offences()[code].level == "code":
        return code in codes
    worded, wider = names.classes_of_codes.get(said, frozenset()) - {""}, names.wider.get(words(text), frozenset())
    if (wider and may_count) or (classes and own & (worded | wider)):
        return None
    if own & (worded | wider):
        return True
    if classes or worded or wider:
        return False
    if not may_count and _is_cut_name(said, own):
        return True
    # last, so that a row more changes no reading
    row = table.find(text)
    return _row_agrees(row, code) if row else None


def _row_agrees(row: LabelRow, code: str) -> bool | None:
    own, meant = classes_of(code), offence_class(row.code)
    if row.code == code or row.more.get("presumed_class") in own:
        return True
    if meant is None:
        return None
    both_are_codes = offences()[row.code].level == offences()[code].level == "code"
    return meant in own and not both_are_codes


def _alike(text: str) -> str:
    """Return words without filling and plural `s`, short forms written out: what makes no other name of a name."""
    kept = (_SHORT_FORMS.get(word, word) for word in words(text).split() if word not in _FILLING)
    return " ".join(word.removesuffix("s") if len(word) > 3 else word for word in kept)


def _is_cut_name(said: str, own: frozenset[str]) -> bool:
    """Return whether words are a class name cut at its end, which no name of another class begins with.

    No qualifier is in what is missing, and none is what is cut: `with` is not the beginning of `without`. A word
    is cut to three letters or more.
    """
    names = _names_alike()
    wider = {_alike(name): classes for name, classes in names.wider.items()}
    named = [each for by_name in (names.classes, names.classes_of_codes, wider) for each in by_name.items()]
    begun = [(name, classes) for name, classes in named if said and name.startswith(said)]
    if any(classes - own for _, classes in begun):
        return False
    return any(name in names.classes and _lost_no_qualifier(said.split(), name.split()) for name, _ in begun)


def _lost_no_qualifier(said: list[str], name: list[str]) -> bool:
    last, whole, lost = said[-1], name[len(said) - 1], name[len(said) :]
    cut = last != whole
    if cut and (len(last) < 3 or not last.isalpha() or {last, whole} & _QUALIFIERS):
        return False
    return not any(word in _QUALIFIERS or word.isdigit() for word in lost)


@cache
def _names() -> _Names:
    names = _Names(defaultdict(frozenset), {}, {}, defaultdict(frozenset))
    for row in read_table(HOME_OFFICE_OFFENCES):
        names.groups[words(row["group"])] = f"group:{slug(row['group'])}"
        names.wordings[words(row["name"])] |= {row["class"]}
        if row["class"]:
            names.classes[words(row["class_name"])] |= {row["class"]}
        if row["subgroup"]:
            names.subgroups[words(row["subgroup"])] = f"subgroup:{slug(row['subgroup'])}"
    return names


@cache
def _names_alike() -> _NamesAlike:
    names = _NamesAlike(defaultdict(frozenset), defaultdict(frozenset), defaultdict(frozenset), defaultdict(frozenset))
    subgroups: dict[str, Counter[str]] = defaultdict(Counter)
    for row in read_table(HOME_OFFICE_OFFENCES):
        named, worded, in_class = _alike(row["name"]), row["code"], frozenset({row["class"]})
        names.codes[named] |= {worded}
        names.classes_of_codes[named] |= in_class
        if row["class"]:
            for name in _ways_to_write(row["class_name"]):
                names.classes[_alike(name)] |= in_class
            names.wider[words(row["group"])] |= in_class
            subgroups[row["class"]][row["subgroup"]] += 1
    for name, counted in subgroups.items():
        # one offence of 92D stands among the trafficking of drugs: a class has the sub group of most of its offences
        subgroup, most = counted.most_common(1)[0]
        if subgroup and 2 * most > counted.total():
            names.wider[words(subgroup)] |= {name}
    return names


def _ways_to_write(name: str) -> set[str]:
    return {words(name)} | {words(name).replace(whole, short) for whole, short in _ALSO_WRITTEN}
