"""Counts an audit pack again: `python3 -I recount.py PACK`. Standard library, Python 3.9 or newer, nothing else.

It shares nothing with the code that made the figures. It holds files to their digests, puts every line and cell into a
class, counts, derives, compares. Last it says OK (exit 0) or how many differences. What labels mean it takes as given.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from pathlib import Path
from typing import Any

SCOPE = ("disclosure", "table_id", "unit", "date_basis", "year_basis")
LABELLED = ("period", "offence", "outcome", "platform", "age")
LABELS = [f"{name}_label" for name in LABELLED]
PLACE = ("extract_id", "record_no", "source_column", "part_no")
OURS = dict.fromkeys(("in_pack", "why_not", "records", "observations"))  # what a pack says beside a manifest
CELL = {"value_min": "count_min", "value_max": "count_max", **{c: c for c in ("printed", *LABELS)}}
Row = Mapping[str, Any]
csv.field_size_limit(1 << 24)


# --- 1. Counting: observations become cells, cells are compared with figures.
def figure_of(cell: tuple[Sequence[Any], Iterable[Any]]) -> Row:
    """Return what the figure of a cell must say: of its counts, (least, most, record), and the times they are in."""
    (lows, highs, records), (starts, ends, parts) = map(list, zip(*cell[0])), map(list, zip(*cell[1]))
    low, high = sum(lows), None if None in highs else sum(highs)  # None = open
    said = {"value": low if low == high else None, "value_min": low, "value_max": high, "observations": len(lows)}
    return {**said, "n": len({*records}), "period_start": min(starts), "period_end": max(ends), "part": any(parts)}


def is_counted(row: Row, table: Row) -> bool:
    """Return True where an observation feeds a table of the catalogue."""
    needed, own, shared = set(table["dimensions"]), set(row["dimensions"]), set(row["constants"]) - {"period"}
    fits = needed == own if row["layout"] == "counts" else shared <= needed <= own
    return fits and not needed & set(row["uncertain"]) and row["kind"] == "data" and row["part_no"] == 1


def count_again(catalogue: Iterable[Row], observations: Iterable[Row], buckets: Iterable[Row]) -> tuple[Any, Any]:
    """Return the cells of each counted table by key, as figure_of takes them, and what is printed, by its place."""
    tables, at = [t for t in catalogue if t["kind"] == "counted"], grouped(buckets, "extract_id", "period", "kind")
    counted: dict[str, Any] = {t["name"]: defaultdict(lambda: ([], set())) for t in tables}
    printed, known = dict[Any, Row](), dict[Any, Any]()  # where a row counts, all alike count: looked up once
    for row in observations:
        if row["source_column"]:
            printed[tuple([row[c] for c in PLACE])] = {c: row[k] for c, k in CELL.items() if k in row}
        if (alike := (row["extract_id"], row["kind"], row["part_no"], row["period"], *row["dimensions"])) not in known:
            known[alike] = [(counted[t["name"]], *p) for t in tables if is_counted(row, t) for p in _places(row, t, at)]
        count = (row["count_min"], row["count_max"], (row["extract_id"], row["record_no"]))
        for cells, scope, dimensions, end, time in known[alike]:
            for code in row["platforms"] if "platform" in dimensions else [None]:
                counts, times = cells[(*scope, *[code if d == "platform" else row[d] for d in dimensions], end)]
                counts.append(count)
                times.add(time)
    return counted, printed


def _places(row: Row, table: Row, at: Any) -> Iterator[Any]:
    *dimensions, kind = table["dimensions"]
    unit = "mentions" if row["unit"] == "crimes" and "platform" in dimensions else row["unit"]
    for b in at[row["extract_id"], row["period"], kind]:
        scope = [{**row, "unit": unit, "year_basis": b["year_basis"]}[c] for c in SCOPE]
        yield scope, dimensions, b["code"], (b["bucket_start"], b["bucket_end"], b["part"])


def compare(figures: Iterable[Row], key: Any, again: Mapping[Any, Row], whole: bool) -> Iterator[str]:
    """Yield, in words, every figure that is not what was reached again; `whole` says that none may be missing."""
    left = dict(again)
    for figure in figures:
        mine = left.pop(key(figure), None)
        wrong = [f"{c} is {figure[c]}, again {mine[c]}" for c in mine or () if mine and figure[c] != mine[c]]
        if mine is None or wrong:
            yield f"{figure['id']}: {', '.join(wrong) or 'nothing makes it'}"
    yield from (f"no figure for {key}" for key in left if whole)


def grouped(rows: Iterable[Row], *keys: str) -> dict[Any, list[Row]]:
    """Return rows by what they have in some columns."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(row[k] for k in keys)].append(row)
    return groups


# --- 2. Reading: an extract becomes lines in classes, and observations.
def rows_of(extract: Row, path: Path) -> Iterator[tuple[int, int, list[str]]]:
    """Yield (line, lines it takes, fields) of each row of a delimited file."""
    first, last = extract["range"] or (1, None)
    with path.open(encoding=extract["encoding"], newline="") as file:
        reader, before = csv.reader(islice(file, first - 1, last), delimiter=extract["delimiter"]), 0
        for fields in reader:
            yield first + before, reader.line_num - before, fields
            before = reader.line_num


class Reading:
    """An extract read again: its lines and cells by class, how often each label stands in it, and what is wrong."""

    def __init__(self, extract: Row, codes: Mapping[Any, Row], rejected: Mapping[int, str], catalogue: Iterable[Row]):
        self.extract, self.codes, self.rejected, self.wrong = extract, codes, rejected, list[str]()
        self.tables = [t for t in catalogue if t["kind"] == "counted"]
        self.at = {n: at for n, at in extract["columns"].items() if n not in ("count", "reference")}
        self.said = {n: extract[n] for n in ("extract_id", "layout", *SCOPE[:4], "uncertain", "constants")}
        self.own = {*self.at, *extract["constants"], *extract["wide"]} - {"period"}
        self.counts = {extract["columns"].get("count"), *(int(at) for w in extract["wide"].values() for at in w)}
        self.classes, self.labels = Counter[Any](), Counter[Any]()

    def read(self, rows: Iterable[tuple[int, int, list[str]]]) -> Iterator[Row]:
        """Yield the observations of all rows in order, and put every line and cell into its class on the way."""
        number, header = 0, self.extract["header_line"]
        for line, lines, fields in rows:
            if line <= header:
                self.classes["set_aside", "header" if line == header else "title"] += lines
                if line == header and fields != self.extract["header"]:
                    self.wrong.append(f"line {line}: another header than the manifest's")
            elif not any(text.strip() for text in fields):
                self.classes["set_aside", "blank"] += lines
            else:
                number += 1
                yield from self.record(number, line, lines, fields)
        self.wrong += [f"record {n}: rejected, and not in the file" for n in self.rejected if n > number]

    def record(self, number: int, line: int, lines: int, fields: list[str]) -> list[Row]:
        """Return the observations of one record, and put its lines and cells into their class."""
        rule, fits, found = self.rejected.get(number), len(fields) == self.extract["width"], list[Row]()
        period = fields[self.at["period"] - 1] if fits and "period" in self.at else None
        total = fits and any(self._marker(fields[at - 1])["kind"] == "total" for at in self.at.values())
        try:
            if (rule == "width" and fits) or (rule == "period" and ("period", period) in self.codes):
                raise LookupError("rejected, and nothing is wrong with it")
            found = [] if rule else list(self._observations({"record_no": number, "line_no": line}, fields, total))
        except LookupError as error:
            self.wrong.append(f"line {line}: {error.args[0]}")
        kept = ("set_aside", "total") if total else (self._class_of(found), "accepted")
        self.classes[("rejected", rule) if rule else kept] += lines
        return found

    def _class_of(self, found: Iterable[Row]) -> str:
        return "counted" if any(is_counted(o, t) for o in found for t in self.tables) else "uncounted"

    def _marker(self, text: str) -> Row:
        return self.extract["markers"].get(text.strip()) or {"kind": "digits" if text.strip() else "blank"}

    def _observations(self, place: Row, fields: list[str], total: bool) -> Iterator[Row]:
        if len(fields) != self.extract["width"]:
            raise LookupError(f"not of {self.extract['width']} fields, and not among the rejected")
        if self.extract["layout"] == "records":
            one = {"source_column": None, "part_no": 1, "kind": "data", "count_min": 1, "count_max": 1, "printed": None}
            yield from [] if total else [self._coded(fields, {**place, **one})]
            return
        for at, text in enumerate(fields, start=1):
            in_total = at in self.extract["total_columns"]
            if at not in self.counts and not in_total:
                self.classes["label" if at in self.at.values() else "ignored"] += 1
                continue
            counts, found = self._counts(text), list[Row]()
            kind = "total" if total or in_total else "data" if counts else "unknown"
            for part, (low, high) in enumerate(counts or [(None, None)], start=1):
                said = {"source_column": at, "part_no": part, "kind": kind, "count_min": low, "count_max": high}
                found.append(self._coded(fields, {**place, **said, "printed": text}))
            self.classes[self._class_of(found) if kind == "data" else kind] += 1
            yield from found

    def _counts(self, text: str) -> list[tuple[int, int | None]]:
        """Return the counts that a cell prints, as intervals; none = it says none. Raises LookupError at a riddle."""
        marker, digits = self._marker(text), text.strip().replace(",", "")
        if marker["kind"] in ("blank", "zero", "not_held"):
            return [(0, 0)] if "zero" in (marker["kind"], self.extract["blank"] if not digits else None) else []
        if marker["kind"] in ("suppressed", "number"):
            exact = [part["value"] for part in marker.get("parts") or [marker] if part.get("value") is not None]
            return [(v, v) for v in exact] or [(marker.get("min") or 0, marker.get("max"))]
        if marker["kind"] == "digits" and re.fullmatch("[0-9]+|[0-9]{1,3}(,[0-9]{3})+", text.strip()):
            return [(int(digits), int(digits))]
        raise LookupError(f"nothing says what {text!r} counts")

    def _coded(self, fields: list[str], said: dict[str, Any]) -> Row:
        """Return an observation with its labels and codes. Raises LookupError where a label has no code."""
        said = {**said, **self.said, "dimensions": sorted(self.own)}
        for name in LABELLED:
            label = fields[self.at[name] - 1] if name in self.at else self.extract["constants"].get(name)
            label = self.extract["wide"].get(name, {}).get(str(said["source_column"]), label)
            said[name], said[f"{name}_label"] = None, label
            if label is not None and said["kind"] != "total":
                if (name, label) not in self.codes:
                    raise LookupError(f"{name} {label!r} is not in tables/label.jsonl")
                self.labels[name, label] += 1
                said[name], level = (self.codes[name, label][what] for what in ("code", "level"))
                if name == "period":
                    time = {"year" if level in ("calendar", "financial", "tax") else level}
                    time = {"month", "year"} if said["layout"] == "records" and level in ("month", "day") else time
                    said["dimensions"] = sorted(self.own | time)
        said["platforms"] = said["platform"] and said["platform"].split("; ")
        return said


# --- 3. Deriving: figures of figures. Each is (table, parents, value, what else is compared).
def percent(part: int, whole: int) -> float:
    """Return 100 x part / whole to one decimal, halves away from zero."""
    return float((Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _good(figures: Iterable[Row]) -> bool:
    return all(f["value"] is not None and f["complete"] == "yes" and not f["part"] for f in figures)


def derive(catalogue: Iterable[Row], figures: Any, extracts: Any, flags: Any, unnotifiable: Any) -> Iterator[Any]:
    """Yield every figure made of counted ones; `extracts` by (disclosure, table id), `flags` by outcome."""
    for table in (t for t in catalogue if t["kind"] == "counted"):
        *dimensions, time = table["dimensions"]
        for cell in grouped(figures[table["name"]], *SCOPE, *dimensions).values():
            cell.sort(key=lambda f: (f["period_start"], f["period_end"]))
            yield _run(cell)
            for a, b in zip(cell, cell[1:]):
                if time == "year" and a["period_end"] == b["period_start"]:
                    breaks = [day for e in extracts[a["disclosure"], a["table_id"]] for day in e["breaks"]]
                    good = _good([a, b]) and a["value"] >= 20
                    good = good and not any(str(a["period_start"]) < day < str(b["period_end"]) for day in breaks)
                    value = percent(b["value"] - a["value"], a["value"]) if good else None
                    yield "year_change", [a, b], value, {"numerator": b["value"], "denominator": a["value"]}
    named = (f for f in figures["platform_year"] if f["platform"] not in ("unknown", "none-named"))
    for of in grouped(named, *SCOPE, "year").values():
        shared = extracts[of[0]["disclosure"], of[0]["table_id"]][0]["constants"]
        for f in of if "platform" not in shared else ():
            total = sum(f["value"] or 0 for f in of)
            value = percent(f["value"], total) if _good(of) and total else None
            more = {"numerator": f["value"], "denominator": total, "platform": f["platform"]}
            yield "platform_share", of, value, more
    outcomes = grouped(figures["outcome_year"], *SCOPE, "year")
    outcomes.update(grouped(figures["offence_outcome_year"], *SCOPE, "year"))
    for crimes in (*figures["crimes_year"], *figures["offence_year"]):
        uncertain = {d for e in extracts[crimes["disclosure"], crimes["table_id"]] for d in e["uncertain"]}
        cells = outcomes.get(tuple(crimes[k] for k in (*SCOPE, "year")))
        if cells is not None:
            cells = [c for c in cells if crimes.get("offence") in (None, c.get("offence"))]
            yield _rate(crimes, cells, uncertain & {"offence", "outcome"}, flags, unnotifiable)
    known = (f for f in figures["platform_year"] if not f["synthetic"] and f["superseded_by"] is None)
    asked = ({**f, "question": extracts[f["disclosure"], f["table_id"]][0]["question"]} for f in known)
    for of in grouped((f for f in asked if f["question"]), "question", *SCOPE[2:], "platform", "year").values():
        alone = len({f["force"] for f in of}) == len(of) > 1
        yield "forces_platform_year", of, sum(f["value"] or 0 for f in of) if alone and _good(of) else None, {}


def _run(cell: Sequence[Row]) -> Any:
    best, run = list[Row](), list[Row]()
    for f in cell:  # the longest run of adjacent whole periods, the latest of equally long ones
        run = [] if f["part"] else [*run, f] if run and run[-1]["period_end"] == f["period_start"] else [f]
        best = run if run and len(run) >= len(best) else best
    good, of = len(best) > 1 and best[0]["complete"] == "yes", best or cell
    low = sum(f["value_min"] for f in of) if good else None
    high = sum(f["value_max"] for f in of) if good and all(f["value_max"] is not None for f in of) else None
    return "period_sum", of, low if low == high else None, {"value_min": low, "value_max": high}


def _rate(crimes: Row, cells: Sequence[Row], uncertain: set[str], flags: Any, unnotifiable: Any) -> Any:
    real = [(c["value"] or 0, flags.get(c["outcome"], set())) for c in cells if c.get("offence") not in unnotifiable]
    kept = [(n, of) for n, of in real if not of & {"cancelled", "fraud"}]
    base, charged = sum(n for n, _ in kept), sum(n for n, of in kept if "charged" in of)
    good = crimes["unit"] == "crimes" and _good([crimes]) and all(c["value"] is not None for c in cells)
    good = good and not uncertain and sum(c["value"] for c in cells) == crimes["value"] and base > 0
    more = {"numerator": charged, "denominator": base}
    return "charge_rate", [crimes, *cells], percent(charged, base) if good else None, more


def figure_differences(catalogue: Any, tables: Any, extracts: Any, rows: Any, reference: Any, whole: bool) -> Any:
    """Yield, in words, every figure that differs; `rows` are observations, `whole`: the tables have all figures."""
    (counted, printed), of_table = count_again(catalogue, rows, tables["bucket"]), grouped(extracts, *SCOPE[:2])
    zero, lines = {"value": 0, "value_min": 0, "value_max": 0, "observations": 0, "n": 0}, dict[str, Sequence[Any]]()
    for table in (t for t in catalogue if t["kind"] == "counted"):
        again = {key: figure_of(cell) for key, cell in counted[table["name"]].items()}
        names = (*SCOPE, *table["dimensions"])
        named = {tuple(f[n] for n in names): f for f in tables[table["name"]]}
        if not set(table["dimensions"]) - {"platform", "month", "year"}:  # no record is a count of nothing
            again = {**{k: zero for k in named if all(e["absence"] == "zero" for e in of_table[k[:2]])}, **again}
        yield from compare(tables[table["name"]], lambda f, names=names: tuple(f[n] for n in names), again, whole)
        lines.update((f["id"], counted[table["name"]][key][0]) for key, f in named.items())
    flags, again = {r["code"]: {name for name in r if r[name] == "yes"} for r in reference["outcomes"]}, {}
    unnotifiable = {r["code"] for r in reference["offence_supplement"] if r["notifiable"] != "yes"}
    for table, of, value, more in derive(catalogue, tables, of_table, flags, unnotifiable):
        n = len({count[-1] for p in (of[:1] if table == "charge_rate" else of) for count in lines[p["id"]]})
        said = {"value": value, "value_min": value, "value_max": value, "n": n, **more}
        again[table, tuple(p["id"] for p in of), said.get("platform", of[-1].get("platform"))] = said
    found = ({**f, "table": t["name"]} for t in catalogue if t.get("parents") for f in tables[t["name"]])
    yield from compare(found, lambda f: (f["table"], tuple(f["parents"]), f.get("platform")), again, whole)
    yield from compare(tables["printed"], lambda f: tuple(f[k] for k in PLACE), printed, whole)
    held = Counter((e["disclosure"], e["question"]) for e in extracts)
    covered = tables["coverage"] if whole else []
    again = {f["id"]: {"value": held[f["disclosure"], f["table_id"]] if f["decision"] else None} for f in covered}
    yield from compare(covered, lambda f: f["id"], again, whole)


def _sha256(value: Any) -> str:
    if not isinstance(value, bytes):  # canonical JSON
        value = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(value).hexdigest()


def unlike(found: Mapping[str, Any], said: Mapping[str, Any], by: str) -> Iterator[str]:
    """Yield, in words, what is not there, not known or not the same."""
    for n in sorted(n for n in {*found, *said} if found.get(n) != said.get(n)):
        yield f"{n}: {'missing, but in' if n not in found else 'not of the digest in' if n in said else 'not in'} {by}"


class Pack:
    """A pack folder; each check yields what is wrong, in words. `done` says what was checked, and how."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.done, files = folder, list[str](), sorted(p for p in folder.rglob("*") if p.is_file())
        self.held: dict[str, Any] = {p.relative_to(folder).as_posix(): _sha256(p.read_bytes()) for p in files}

    def load(self, name: str) -> Any:
        """Return the JSON of a file, or the rows of a table: .csv, or .jsonl, whose first line names the columns."""
        content = (self.folder / name).read_bytes()
        if name.endswith(".csv"):
            return list(csv.DictReader(content.decode().splitlines(keepends=True)))
        if name.endswith(".json"):
            return json.loads(content)
        columns, *rows = map(json.loads, content.splitlines())
        return [dict(zip(columns, row)) for row in rows]

    def check_digests(self) -> Iterator[str]:
        """Hold files to SHA256SUMS, what figures rest on to the release and its line in the log, the log to its end."""
        listed = dict(x.split("  ", 1)[::-1] for x in (self.folder / "SHA256SUMS").read_text("utf-8").splitlines())
        yield from unlike({n: d for n, d in self.held.items() if n != "SHA256SUMS"}, listed, "SHA256SUMS")
        release, lines = self.load("release.json"), (self.folder / "releases.jsonl").read_bytes().splitlines()
        broken = (n for n, x in enumerate(lines) if json.loads(x)["previous"] != (_sha256(lines[n - 1]) if n else None))
        yield from (f"releases.jsonl: line {n + 1} does not follow from the line before" for n in broken)
        entry, head, tables = defaultdict(dict, json.loads(lines[-1])), _sha256(lines[-1]), release["tables"]
        cut = [f"tables/{name}.jsonl" for name in tables if tables[name]["cut"]]
        held = {n: d for n, d in self.held.items() if n.startswith(("tables/", "reference/"))}
        said = {f"tables/{name}.jsonl": d for name, d in entry["tables"].items()}
        said.update((f"reference/{name}", sha256) for name, sha256 in entry["reference"].items())
        held["release.json"], said["release.json"] = {n: tables[n]["digest"] for n in tables}, entry["tables"]
        held["releases.jsonl"] = [head, entry["digest"], _sha256(entry["tables"])]
        said["releases.jsonl"] = [release["head"], release["digest"], release["digest"]]
        declared = {r["name"]: json.loads(r["declaration"]) for r in self.load("tables/definition.jsonl")}
        held["catalogue.json"], said["catalogue.json"] = {t["name"]: t for t in self.load("catalogue.json")}, declared
        yield from unlike(held, {**said, **{n: held.get(n) for n in cut}}, "the release")
        manifests = [self.load(name) for name in self.held if name.startswith("manifests/")]
        read = {e["extract_id"]: _sha256({**m, "extracts": [{**e, **OURS}]}) for m in manifests for e in m["extracts"]}
        described = {n: d for n, d in entry["described"].items() if n in read or not release["selected"]}
        yield from (f"manifest of {words}" for words in unlike(read, described, "the log"))
        self.done += [*(f"{n}: cut here, no digest compared" for n in cut), f"sha256 of the end of the log: {head}"]

    def check_figures(self) -> Iterator[str]:
        """Read the extracts, count and derive every figure again."""
        release, catalogue = self.load("release.json"), self.load("catalogue.json")
        tables, observations = {name: self.load(f"tables/{name}.jsonl") for name in release["tables"]}, list[Row]()
        extracts = [e for n in self.held if n.startswith("manifests/") for e in self.load(n)["extracts"]]
        for extract in extracts:
            yield from self._read(extract, catalogue, tables, observations)
        reference = {n: self.load(f"reference/{n}.csv") for n in ("outcomes", "offence_supplement")}
        yield from figure_differences(catalogue, tables, extracts, observations, reference, not release["selected"])
        given = [e["extract_id"] for e in extracts if e["observations"]]
        self.done += [f"figures of {name}: checked against the codes in the pack alone" for name in given]
        self.done.append(f"{len(extracts) - len(given)} of {len(extracts)} extracts read again, line by line")
        self.done.append("not recomputed: control totals, the counts beside a charge rate, who is absent over forces")

    def _read(self, extract: Row, catalogue: Iterable[Row], tables: Any, observations: list[Row]) -> Iterator[str]:
        if extract["observations"]:
            observations += ({**extract, **row} for row in self.load(extract["observations"]))
            return
        names = ("extract", "label", "rejected", "ledger_rule", "ledger_cell")
        mine = {t: [r for r in tables[t] if r["extract_id"] == extract["extract_id"]] for t in names}
        rejected = {r["record_no"]: r["rule"] for r in reversed(mine["rejected"])}
        reading = Reading(extract, {(r["dimension"], r["label"]): r for r in mine["label"]}, rejected, catalogue)
        if (name := extract["in_pack"]) and not self.held[name] == extract["sha256"] == mine["extract"][0]["sha256"]:
            reading.wrong.append("its file is not of the sha256 that the release has")
        given = (tuple(r.values()) for r in self.load(extract["records"])) if extract["records"] else None
        observations += reading.read(given or rows_of(extract, self.folder / name))
        said: dict[Any, int] = {(r["dimension"], r["label"]): r["n"] for r in mine["label"]}
        said.update(((r["line_class"], r["rule"]), r["lines"]) for r in mine["ledger_rule"])
        said.update((r["cell_class"], r["cells"]) for r in mine["ledger_cell"])
        again = reading.classes + reading.labels
        reading.wrong += [f"{k}: {said.get(k)}, again {again[k]}" for k in {*said, *again} if said.get(k) != again[k]]
        yield from (f"{extract['extract_id']}: {words}" for words in reading.wrong)


def main(folder: str) -> int:
    """Tell every difference, what was done, and OK or how many differences there are."""
    pack, wrong = Pack(Path(folder)), list[str]()
    for check in (pack.check_digests, pack.check_figures):
        try:
            wrong.extend(check())
        except Exception as error:  # whatever is broken in a pack is a difference, never a traceback
            wrong.append(f"{check.__name__}: cannot be checked to the end: {error!r}")
    print(*wrong, *pack.done, f"{len(wrong)} differences" if wrong else "OK", sep="\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
