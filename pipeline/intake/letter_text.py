"""The text of a letter, line by line, from the forms in which letters arrive.

Here: text, Markdown, HTML, PDF and mail to numbered lines (`letter_text`).
Not here: what the lines say, the attachments of a mail, tables (letter_tables/).
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

from pipeline.intake.decoding import text_lines, text_lines_of
from pipeline.intake.problem import Problem, Refused

NO_TEXT = 0
"""The line number of the one empty line that stands for a PDF page without text."""


@dataclass(frozen=True)
class Line:
    """One line of a letter: its page (PDF only), its 1-based number and its text without the line end.

    The number counts the physical lines of a text or HTML file, those of a page of a PDF, those of the body of a
    mail.
    """

    page: int | None
    line_no: int
    text: str

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return f"line {self.line_no}" if self.page is None else f"page {self.page}, line {self.line_no}"


def letter_text(path: Path, file: str) -> tuple[Line, ...]:
    """Return the lines of a letter in .txt, .md, .html, .htm, .pdf or .eml; `file` is how problems name it.

    Bytes are decoded as decoding.py says; a mail's body by the charset it says.
    A PDF page without text gives one empty line with the number NO_TEXT. Raises Refused for any other form, for a
    PDF that is locked, damaged or has no text at all, and for a letter without text.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise Refused(
            Problem(
                file=file,
                found=f"a letter of the form {path.suffix or 'without a suffix'}",
                expected=f"one of {', '.join(_READERS)}",
                remedy="save the letter as one of these, or type its text into a .txt file",
            )
        )
    lines = reader(path, file)
    if not any(line.text.strip() for line in lines):
        scan = any(line.line_no == NO_TEXT for line in lines)
        raise Refused(
            Problem(
                file=file,
                found="pages without text: a scan" if scan else "a letter without text",
                expected="a letter whose text can be read",
                remedy="have its text recognised, or type it into a .txt file" if scan else "look at the file",
            )
        )
    return lines


def _text_lines(path: Path, file: str) -> tuple[Line, ...]:
    return _numbered(text_lines(path, file))


def _html_file_lines(path: Path, file: str) -> tuple[Line, ...]:
    return _html_lines(text_lines(path, file))


def _numbered(texts: Iterable[str]) -> tuple[Line, ...]:
    return tuple(Line(None, number, text) for number, text in enumerate(texts, 1))


class _HtmlText(HTMLParser):
    """Collects the text of an HTML page, a line for each block, numbered as the source's physical lines."""

    _DROPPED = frozenset({"script", "style", "title", "template", "noscript"})
    _INLINE = re.compile("a|abbr|b|bdi|bdo|cite|code|data|em|font|i|kbd|mark|q|s|small|span|strong|su[bp]|time|u|t[dh]")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self._parts: list[str] = []
        self._line_no = 1
        self._dropping: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._DROPPED:
            self._dropping.append(tag)
        if tag in {"td", "th"}:
            self._parts.append(" ")
        elif not self._INLINE.fullmatch(tag):
            self.end_line()
        if tag == "li":
            self.handle_data("• ")

    def handle_endtag(self, tag: str) -> None:
        if self._dropping and tag == self._dropping[-1]:
            self._dropping.pop()
        if not self._INLINE.fullmatch(tag):
            self.end_line()

    def handle_data(self, data: str) -> None:
        if self._dropping:
            return
        if not "".join(self._parts).strip():
            leading = data[: len(data) - len(data.lstrip())]
            self._line_no = self.getpos()[0] + leading.count("\n")
        self._parts.append(data)

    def end_line(self) -> None:
        """Close the line that is being collected; each block leaves a blank line after it."""
        text = " ".join("".join(self._parts).split())
        self._parts = []
        if text:
            self.lines += [Line(None, self._line_no, text), Line(None, self._line_no, "")]


def _html_lines(source: Iterable[str]) -> tuple[Line, ...]:
    page = _HtmlText()
    page.feed("\n".join(source))
    page.close()
    page.end_line()
    return tuple(page.lines)


def _pdf_lines(path: Path, file: str) -> tuple[Line, ...]:
    # imported here: it takes half a second, and only a letter in PDF needs it
    import pdfplumber

    lines: list[Line] = []
    try:
        with pdfplumber.open(path) as document:
            for page_no, page in enumerate(document.pages, 1):
                lines += _page_lines(page_no, page.extract_text_lines(return_chars=False)) if page.chars else ()
                if not lines or lines[-1].page != page_no:
                    lines.append(Line(page_no, NO_TEXT, ""))
    except Exception as error:  # pdfminer raises bare TypeErrors, KeyErrors and more on damaged files
        damage = pdf_damage(error)
        raise Refused(
            Problem(
                file=file,
                found="a PDF that takes a password" if damage is None else f"a damaged PDF ({damage})",
                expected="a PDF that opens",
                remedy="save it without the password" if damage is None else "ask the force for the file again",
            )
        ) from error
    if not lines:
        raise Refused(
            Problem(file=file, found="a PDF without pages", expected="a letter", remedy="ask the force for it again")
        )
    return tuple(lines)


def pdf_damage(error: Exception) -> str | None:
    """Return the name of the error that stopped the PDF libraries, None where they lacked a password."""
    from pdfminer.pdfdocument import PDFPasswordIncorrect
    from pdfplumber.utils.exceptions import PdfminerException

    # pdfplumber wraps some errors of pdfminer
    cause = error.args[0] if isinstance(error, PdfminerException) and error.args else error
    return None if isinstance(cause, PDFPasswordIncorrect) else type(cause).__name__


def _page_lines(page_no: int, printed: Sequence[Mapping[str, float | str]]) -> Iterator[Line]:
    """Yield the lines of a page, a blank one where the gap above a line is larger than between lines."""
    below: float | None = None
    for number, line in enumerate(printed, 1):
        top, bottom = float(line["top"]), float(line["bottom"])
        if below is not None and top - below > 0.7 * (bottom - top):
            yield Line(page_no, number, "")
        yield Line(page_no, number, str(line["text"]))
        below = bottom


def _mail_lines(path: Path, file: str) -> tuple[Line, ...]:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(preferencelist=("plain", "html"))
    if not isinstance(body, EmailMessage):
        raise Refused(
            Problem(
                file=file,
                found="a mail without a text body",
                expected="the answer as the text of the mail",
                remedy="if the letter is an attachment, save it and give that file",
            )
        )
    payload = body.get_payload(decode=True)
    charset = body.get_content_charset()
    # us-ascii is also what a mail that says nothing is taken to be
    declared = None if charset == "us-ascii" else charset
    lines = text_lines_of(payload if isinstance(payload, bytes) else b"", file, declared)
    return _html_lines(lines) if body.get_content_type() == "text/html" else _numbered(lines)


_READERS: dict[str, Callable[[Path, str], tuple[Line, ...]]] = {
    ".txt": _text_lines,
    ".md": _text_lines,
    ".html": _html_file_lines,
    ".htm": _html_file_lines,
    ".pdf": _pdf_lines,
    ".eml": _mail_lines,
}
