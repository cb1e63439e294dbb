"""Letters for tests: written to a file, read, refused; and one example of each text form."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.letter_tables import LetterTable, quoted_count, table_rows, tables_in
from pipeline.intake.problem import Problem, Refused


def letter(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(tmp_path: Path, name: str, content: str | bytes) -> tuple[LetterTable, ...]:
    return tables_in(letter(tmp_path, name, content), name)


def fields(table: LetterTable) -> list[tuple[str, ...] | None]:
    assert not table.problems
    return [row.fields for row in table.rows]


def fault(tmp_path: Path, name: str, content: str | bytes) -> Problem:
    """The one problem of the one table of a file."""
    (table,) = read(tmp_path, name, content)
    assert table.rows == ()
    (problem,) = table.problems
    assert problem.remedy
    return problem


def refusal(path: Path, *arguments: object) -> Problem:
    with pytest.raises(Refused) as refused:
        if len(arguments) == 1:
            list(table_rows(path, path.name, *arguments))  # type: ignore[arg-type]
        else:
            quoted_count(path, path.name, *arguments)  # type: ignore[arg-type]
    (problem,) = refused.value.problems
    return problem


MARKDOWN = """Dear Sir,

| Platform | 2015\\* | 2016 |
|:---------|:----:|-----:|
| Facebook | 1,203 | <5 |
| **Snap\\|chat** | - | [7](https://example.org "seven") |
| Other | 1 | 2 | 3 |
| Total |

```
| a | b |
|---|---|
```

    | c | d |
    |---|---|

a | b
--|--
x<br>y | `*`
"""


DRAWN = """Table 1: crimes
+----------+-------+
| Platform |  2015 |
+==========+=======+
| Face|book| 1,203 |
| Snapchat |     - |
+----------+-------+
"""


PAGE = """<html><head><style>td { color: red }</style></head><body>
<p>We hold 12
crimes.</p>
<table><caption>Q1</caption>
<thead><tr><th colspan=2>Crimes &amp; more</th></tr></thead>
<tbody>
<tr><th>Plat<b>form</b></th><th>2015<sup>1</sup></th></tr>
<tr>
  <td>Face&#98;ook
      Messenger</td>
  <td> 1,203<script>var x = "<td>9</td>";</script></td>
</tr>
<tr><td>a<br>b<p>c</p><p>d</p><td>&lt;5
<tr><td>&nbsp;Total<td></table>
</body></html>
"""
