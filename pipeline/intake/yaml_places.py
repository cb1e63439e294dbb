"""YAML read as text, remembering where every value stood.

YAML 1.1 turns `yes`, `2024-01-30`, `0100` and `1e5` into something else. Here a plain scalar is an int if it
is written as one would write an int, None if it is empty or `null`, and otherwise the text as written.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from pipeline.intake.problem import Problem, Refused

Location = tuple[str | int, ...]
Place = tuple[int, int]  # line and column, 1-based

DEEPEST = 20
"""Levels of nesting; a manifest has six."""

_PLAIN_INT = re.compile(r"-?(0|[1-9][0-9]*)")
_NULLS = {"", "~", "null"}
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(text: str, file: str) -> tuple[Any, dict[Location, Place]]:
    """Return the document and the place of each key and item in it.

    Raises Refused on broken YAML, on a key written twice, and on anchors that contain themselves.
    """
    try:
        node = yaml.compose(text, Loader=_Loader)
    except RecursionError as error:
        raise Refused(Problem(file, "nesting without end", "a manifest", "see docs/manifest.md")) from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise Refused(
            Problem(
                file=file,
                line=None if mark is None else mark.line + 1,
                column=None if mark is None else str(mark.column + 1),
                found=f"text that is not YAML ({error.problem})",
                expected="a YAML document",
                remedy="mend the syntax at this place",
            )
        ) from error
    except yaml.YAMLError as error:
        raise Refused(
            Problem(
                file=file,
                found=f"text that is not YAML ({error})",
                expected="a YAML document in UTF-8",
                remedy="remove the characters named",
            )
        ) from error
    places: dict[Location, Place] = {}
    return (None if node is None else _construct(node, (), places, file, ())), places


def _construct(
    node: yaml.Node, location: Location, places: dict[Location, Place], file: str, above: tuple[int, ...]
) -> Any:
    places.setdefault(location, (node.start_mark.line + 1, node.start_mark.column + 1))
    if len(location) > DEEPEST:
        line = node.start_mark.line + 1
        raise Refused(Problem(file, f"more than {DEEPEST} levels", "a manifest", "see docs/manifest.md", line))
    if id(node) in above:
        raise Refused(
            Problem(
                file=file,
                line=node.start_mark.line + 1,
                found="an anchor that contains itself",
                expected="a finite document",
                remedy="write the value out",
            )
        )
    above = (*above, id(node))
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str | int, Any] = {}
        for key_node, value_node in node.value:
            line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise Refused(
                    Problem(file, "a key that is not a name", "names as keys", "mend the key", line, str(column))
                )
            key = key_node.value
            if key in mapping:
                raise Refused(
                    Problem(
                        file=file,
                        line=line,
                        column=str(column),
                        found=f"the key {key!r} a second time",
                        expected="each key once",
                        remedy="join the two or remove one",
                    )
                )
            places[(*location, key)] = (line, column)
            mapping[key] = _construct(value_node, (*location, key), places, file, above)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        return [_construct(n, (*location, i), places, file, above) for i, n in enumerate(node.value)]
    text = str(node.value)
    if getattr(node, "style", None):  # quoted or a block: always text; plain is None or ""
        return text
    if text.lower() in _NULLS:
        return None
    return int(text) if _PLAIN_INT.fullmatch(text) else text
