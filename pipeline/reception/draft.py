"""The first draft of a manifest, from what a letter says and what the files show, with the questions left open.

Here: `draft`, which proposes, `answer`, which fills in what a person says, and `as_yaml`, which writes the manifest
with each open question beside its value.
Not here: what the headers of a table say (drafted_table.py), reading the letter and the files, and whether the manifest
holds (manifest.py).

What is proposed follows from a header or from a line of the letter; what does not is asked. No sentence of a letter
is copied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

import yaml

from pipeline.intake import yaml_places
from pipeline.intake.cells import address_words
from pipeline.intake.manifest import MANIFEST_NAME, Decision, RecordIs, Unit
from pipeline.intake.problem import Problem, Refused
from pipeline.intake.reading import Reading
from pipeline.reception.drafted_table import (
    Described,
    Question,
    covers_said,
    described,
    fewer_markers,
    form,
    total_markers,
)
from pipeline.reception.letter import Fact, LetterFacts
from pipeline.store.naming import slug

__all__ = ["Draft", "Question", "answer", "as_yaml", "draft"]

_OWN_WORDS = {
    "living-system": "The system that the figures come from keeps changing; they hold for the day they were taken.",
    "not-comparable": "The force says that its figures are not to be compared with those of others.",
    "keyword-search": "The figures come from a search for words, and hold what that search finds.",
}
"""What this project writes for the limitations that most letters print, by the id that the letter reader gives."""

_CHOICES: dict[str, tuple[str, ...]] = {
    "decision": get_args(Decision),
    "record_is": get_args(RecordIs),
    "unit": get_args(Unit),
}


@dataclass(frozen=True)
class Draft:
    """A manifest as plain values, what is proposed included, and the questions that are open.

    `layouts` has, for the key of a question of which the others of its table depend, what follows from each answer.
    """

    manifest: dict[str, Any]
    questions: tuple[Question, ...]
    layouts: Mapping[str, Mapping[str, Described]] = field(default_factory=dict)


def draft(
    letter: LetterFacts | None,
    readings: Mapping[str, Sequence[Reading | Refused]],
    force: str | None,
    *,
    digests: Mapping[str, str],
    letter_file: str | None = None,
    cut: Collection[str] = (),
) -> Draft:
    """Return the draft for the files of one answer.

    `readings` are the tables of each file by its name, as they were read or refused; `digests` the SHA-256 of each
    file by name, that of `letter_file` included; `force` is what a person said, and goes before the letter. `cut`
    are the files whose last line has no line end. What cannot be read makes no table: it stands under `missing`, with
    why.
    """
    questions: list[Question] = []
    layouts: dict[str, Mapping[str, Described]] = {}
    manifest: dict[str, Any] = {"force": _force(letter, force, questions)}
    manifest |= _reference(letter, readings, questions)
    for name in ("received", "responded"):
        if letter is not None and (said := getattr(letter, name)) is not None:
            manifest[name] = said.value
    if letter_file is not None:
        at = f"{letter_file}, as it came with the files"
        manifest["letter"] = {"sha256": digests[letter_file], "at": at, "held": "no"}
    manifest["decision"] = "unknown" if letter is None or letter.decision is None else letter.decision.value
    if letter is None or letter.decision is None:
        questions.append(Question("decision", "What did the force decide on the request as a whole?", "unknown"))
    manifest |= _holding(readings, questions)
    if letter is not None and letter.exemptions:
        manifest["answers"] = _answers(letter.exemptions, manifest, questions)
    if letter is not None and letter.caveats:
        manifest["caveats"] = _caveats(letter, questions)
    manifest["rights"] = {"bytes_may_leave": "no"}
    manifest["tables"] = []
    for file, tables in readings.items():
        for reading in tables:
            if isinstance(reading, Reading):
                ids = {table["id"] for table in manifest["tables"]}
                name = _table_id(file, reading.address if len(tables) > 1 else None, ids)
                proposed = described(reading)
                extract = {"file": file, "sha256": digests[file], **form(reading, ended=file not in cut)}
                manifest["tables"].append(_table(name, reading, proposed, extract, letter))
                _link(manifest)
                questions += _of_table(name, proposed)
                if proposed.layouts:
                    layouts[f"tables.{name}.layout"] = proposed.layouts
    return Draft(manifest, tuple(questions), layouts)


def answer(drafted: Draft, answers: Mapping[str, str]) -> Draft:
    """Return the draft with questions answered, by key; an empty answer takes what is proposed.

    Raises Refused, with every answer that does not do: a key that is not asked, a word that is no choice.
    """
    # what a layout leaves open is asked, and may be answered, once the layout is said
    answered = drafted.layouts.keys() & answers.keys() & {question.key for question in drafted.questions}
    for key in sorted(answered):
        drafted = _laid_out(drafted, key, " ".join(answers[key].split()))
    answers = {key: text for key, text in answers.items() if key not in answered}
    asked = {question.key: question for question in drafted.questions}
    manifest = deepcopy(drafted.manifest)
    problems: list[Problem] = []
    for key, text in answers.items():
        said = " ".join(text.split())
        if key not in asked:
            problems.append(_problem(key, "no open question of that name", f"one of {', '.join(asked)}"))
        elif said and said != asked[key].proposed:
            problems += _fill(manifest, key, said)
        elif not said and asked[key].proposed is None and (key == "force" or ".columns." in key):
            problems.append(_problem(key, "no answer", "an answer: nothing is proposed"))
    if problems:
        raise Refused(*problems)
    _link(manifest)
    return replace(drafted, manifest=manifest, questions=tuple(q for q in asked.values() if q.key not in answers))


def as_yaml(drafted: Draft) -> str:
    """Return the manifest as YAML, the same for the same draft, each open question behind its value."""
    text = yaml.safe_dump(drafted.manifest, sort_keys=False, allow_unicode=True, width=1_000_000)
    _, places = yaml_places.load(text, MANIFEST_NAME)
    lines = text.splitlines()
    for question in drafted.questions:
        line = places[_location(drafted.manifest, question.key)][0] - 1
        lines[line] += f"  # ? {question.words}"
    return "\n".join(lines) + "\n"


# --- what the letter says


def _force(letter: LetterFacts | None, force: str | None, questions: list[Question]) -> str | None:
    said = letter.force.value if letter is not None and letter.force is not None else None
    if force is not None and said is not None and force != said:
        questions.append(Question("force", f"The letter is of {said}: which force is it?", force))
    elif force is None and said is None:
        questions.append(Question("force", "Which force answered (a slug of forces.csv)?", None))
    return force or said


def _reference(letter: LetterFacts | None, readings: Mapping[str, object], questions: list[Question]) -> dict[str, Any]:
    if letter is not None and letter.reference is not None:
        return {"reference": letter.reference.value}
    files = sorted(readings)
    name = slug(Path(files[0]).stem) if files else "answer"
    words = "Which reference does the answer print? Where it prints none, our_reference stays our name for it."
    questions.append(Question("reference", words, name))
    return {"reference": None, "our_reference": name}


def _answers(
    exemptions: Iterable[Fact[str]], manifest: Mapping[str, Any], questions: list[Question]
) -> list[dict[str, Any]]:
    name = slug(manifest["reference"] or manifest["our_reference"])
    words = "What do we call the question that was asked (a slug, common to every force that was asked the same)?"
    questions.append(Question("answers.question", words, name))
    values = list(dict.fromkeys(fact.value for fact in exemptions))
    return [{"question": name, "decision": manifest["decision"], "exemptions": values}]


def _caveats(letter: LetterFacts, questions: list[Question]) -> list[dict[str, str]]:
    caveats = []
    for caveat in letter.caveats:
        place = _place(caveat.said)
        text = _OWN_WORDS.get(caveat.id)
        if text is None:
            text = f"See the {place}."
            words = f"What limitation does the letter print ({place})? Say it in your own words."
            questions.append(Question(f"caveats.{caveat.id}", words, text))
        caveats.append({"id": caveat.id, "text": text})
    return caveats


def _holding(readings: Mapping[str, Sequence[Reading | Refused]], questions: list[Question]) -> dict[str, str]:
    """Return what is not held as tables: what cannot be read of the files, or everything where there is no table."""
    refused = [
        (file if len(tables) == 1 else f"a table of {file}", table.problems)
        for file, tables in readings.items()
        for table in tables
        if isinstance(table, Refused)
    ]
    if not refused:
        return {} if readings else {"holding": "none"}
    said = (f"{what} came, and is not read: {problems[0].found}{_more(problems)}" for what, problems in refused)
    missing = " ".join("; ".join(said).split())
    remedies = "; ".join(dict.fromkeys(problems[0].remedy for _, problems in refused))
    words = " ".join(f"Can it be read another way ({remedies})? If not, say what is missing.".split())
    questions.append(Question("missing", words, missing))
    return {"holding": "part" if len(refused) < sum(map(len, readings.values())) else "none", "missing": missing}


def _more(problems: Sequence[Problem]) -> str:
    return f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""


def _table_id(file: str, address: Mapping[str, Any] | None, taken: set[str]) -> str:
    """Return a name that is not taken: that of the file, with where in it where it has several tables."""
    stem = Path(file).stem if address is None else f"{Path(file).stem} {address_words(address)}"
    name = slug(stem)
    return slug(f"{file} {stem}") if name in taken else name


# --- tables


def _table(
    table_id: str, reading: Reading, proposed: Described, extract: Mapping[str, Any], letter: LetterFacts | None
) -> dict[str, Any]:
    """Return the table that a file holds, with its one extract."""
    table = {"id": table_id, **proposed.table}
    if letter is not None:
        table |= _from_letter(letter, "platform" in table["columns"])
    counts = table["layout"] == "counts"
    if markers := {**total_markers(reading), **(fewer_markers(reading, table) if counts else {})}:
        table["markers"] = markers
    return {**table, "extracts": [dict(extract)]}


def _of_table(table_id: str, proposed: Described) -> list[Question]:
    return [replace(question, key=f"tables.{table_id}.{question.key}") for question in proposed.questions]


def _from_letter(letter: LetterFacts, platforms_in_lines: bool) -> dict[str, Any]:
    """Return what a letter says of every table: the day of extraction and what was searched for."""
    said: dict[str, Any] = {}
    places = {}
    if letter.as_at is not None:
        said["as_at"] = letter.as_at.value
        places["as_at"] = _place(letter.as_at)
    if letter.platforms:
        terms = [{"text": fact.value, "platform": fact.value} for fact in letter.platforms]
        said["search"] = {"terms": terms, "combine": "each" if platforms_in_lines else "any_of"}
        places["search"] = f"asked for: {_place(letter.platforms[0])}"
    return {**said, "said_at": places} if places else {}


def _place(fact: Fact[Any]) -> str:
    return f"letter, line {fact.line_no}" if fact.page is None else f"letter, page {fact.page}, line {fact.line_no}"


def _link(manifest: dict[str, Any]) -> None:
    """Let every table answer the question of the one answer there is, which is decided as the request is."""
    for one in manifest.get("answers", ()):
        one["decision"] = manifest["decision"]
        for table in manifest["tables"]:
            table["question"] = one["question"]


# --- what a person says


def _laid_out(drafted: Draft, key: str, said: str) -> Draft:
    """Return the draft with the layout of a table as a person says it, and with what that leaves open.

    Raises Refused for another word, and for none where nothing is proposed.
    """
    layouts = drafted.layouts[key]
    at = next(at for at, question in enumerate(drafted.questions) if question.key == key)
    layout = said or drafted.questions[at].proposed
    if layout is None or layout not in layouts:
        raise Refused(_problem(key, repr(said) if said else "no answer", f"one of {', '.join(layouts)}"))
    chosen = layouts[layout]
    manifest = deepcopy(drafted.manifest)
    _, place, _ = _location(manifest, key)
    table = manifest["tables"][place]
    of_layouts = {name for one in layouts.values() for name in one.table}
    others = {name: value for name, value in table.items() if name not in of_layouts and name != "id"}
    manifest["tables"][place] = {"id": table["id"], **deepcopy(dict(chosen.table)), **others}
    questions = (*drafted.questions[:at], *_of_table(table["id"], chosen), *drafted.questions[at + 1 :])
    return replace(drafted, manifest=manifest, questions=questions)


def _fill(manifest: dict[str, Any], key: str, said: str) -> list[Problem]:
    """Put an answer into the manifest; return why it does not do."""
    *_, name = key.split(".")
    location = _location(manifest, key)
    part = _at(manifest, location[:-1])
    if (choices := _CHOICES.get(name)) is not None and said not in choices:
        return [_problem(key, repr(said), f"one of {', '.join(choices)}")]
    if name == "layout":
        return [_problem(key, repr(said), "what is proposed; any other layout needs its columns written by hand")]
    if name == "covers":
        covers = covers_said(said)
        if covers is None:
            return [_problem(key, repr(said), "2020-01-01 to 2024-10-17, two days in order, perhaps with its basis")]
        part[name] = covers
    elif "columns" in location:
        return _exchange(_at(manifest, location[:-2]), key, name, said)
    elif key == "reference":
        part["reference"] = said
        del part["our_reference"]
    else:
        part[str(location[-1])] = said
    return []


def _exchange(table: dict[str, Any], key: str, name: str, said: str) -> list[Problem]:
    """Give a canonical name to another column; the one that had it is ignored."""
    ignored = table.get("ignored", [])
    at = next((at for at, ref in enumerate(ignored) if str(ref) == said), None)
    if at is None:
        return [_problem(key, repr(said), f"one of {', '.join(map(str, [table['columns'][name], *ignored]))}")]
    ignored[at], table["columns"][name] = table["columns"][name], ignored[at]
    return []


def _location(manifest: Mapping[str, Any], key: str) -> tuple[str | int, ...]:
    """Return where in the manifest the value of a question stands."""
    head, *rest = key.split(".")
    if head == "answers":
        return head, 0, *rest
    if head == "caveats":
        return head, _index(manifest[head], rest[0]), "text"
    if head == "tables":
        return head, _index(manifest[head], rest[0]), *rest[1:]
    return (key,)


def _index(parts: Sequence[Mapping[str, Any]], name: str) -> int:
    return [part["id"] for part in parts].index(name)


def _at(manifest: dict[str, Any], location: Sequence[str | int]) -> dict[str, Any]:
    part: Any = manifest
    for step in location:
        part = part[step]
    assert isinstance(part, dict)
    return part


def _problem(key: str, found: str, expected: str) -> Problem:
    return Problem(MANIFEST_NAME, found, expected, "answer again", column=key)
