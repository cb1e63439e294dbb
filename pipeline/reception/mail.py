"""Mails: the letter in them and every other part, and why a mail is not taken.

Nothing is lost in silence: a part is a file, or the same text in another form, or told as left out.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import PurePosixPath

from pipeline.intake.problem import Problem, Refused
from pipeline.reception.archive import Found, members

_BODIES = {"text/plain": "letter.txt", "text/html": "letter.html"}
_EXTENSIONS = {
    "text/csv": ".csv",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/tab-separated-values": ".tsv",
    "application/csv": ".csv",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "image/gif": ".gif",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}
"""What the name of a part of a mail that has none ends in, by its content type."""
_TRANSFER_ENCODINGS = ("7bit", "8bit", "binary", "quoted-printable", "base64")
"""How what is in a part may be written; a part in another one would be taken for what it is not."""
_CUT_MAIL = "a mail that was cut short or damaged: it has no end, or its parts are not where it says"
_CUT_CODE = "a damaged attachment: what is in it cannot be decoded exactly"
_DEFECTS = {
    "CloseBoundaryNotFoundDefect": _CUT_MAIL,
    "StartBoundaryNotFoundDefect": _CUT_MAIL,
    "NoBoundaryInMultipartDefect": _CUT_MAIL,
    "MultipartInvariantViolationDefect": _CUT_MAIL,
    "InvalidBase64PaddingDefect": _CUT_CODE,
    "InvalidBase64CharactersDefect": _CUT_CODE,
    "InvalidBase64LengthDefect": _CUT_CODE,
}
"""What the parser of mails finds wrong, in words, by the name that it gives."""


def parts(data: bytes, file: str, say: Callable[[str], None], letter_given: bool) -> Iterator[Found]:
    """Yield the text of a mail as a letter unless one is given, then every other part, zip archives unpacked."""
    message = email.message_from_bytes(data, policy=email.policy.default)
    leaves = [_Leaf(number, part, _whole_payload(part, file)) for number, part in enumerate(_leaves(message, file), 1)]
    if not any(leaf.payload.strip() for leaf in leaves):
        raise Refused(Problem(file, "a mail with nothing in it", "a text or a file", "ask for the mail again"))
    letter, other_form = _letter_of(message, leaves)
    if letter is not None and letter_given:
        say(f"{file}: the text of the mail left out (the letter is another file)")
    elif letter is not None:
        name = _BODIES[letter.part.get_content_type()]
        yield Found(name, _body_text(letter.part, letter.payload, file), f"{file} > the text of the mail")
    files = [leaf for leaf in leaves if leaf is not letter]
    if letter_given and not files:
        remedy = "leave the mail out, or give it without another letter"
        raise Refused(Problem(file, "a mail that has no file in it", "a file beside the letter", remedy))
    for leaf in files:
        if leaf is other_form:
            say(f"{file}: part {leaf.number} left out (the text of the mail again, as HTML)")
        else:
            yield from _file_of_mail(leaf, file, say)


@dataclass(frozen=True)
class _Leaf:
    """A part of a mail that has no parts itself: its number among them, 1-based, and what is in it."""

    number: int
    part: EmailMessage
    payload: bytes

    @property
    def is_text_of_mail(self) -> bool:
        """True for a text that has no name of its own, is not attached, and says something."""
        named = self.part.get_filename() or self.part.get_content_disposition() == "attachment"
        return self.part.get_content_type() in _BODIES and not named and bool(self.payload.strip())


def _letter_of(message: EmailMessage, leaves: Sequence[_Leaf]) -> tuple[_Leaf | None, _Leaf | None]:
    """Return the part that is the letter, and the one that says the same in HTML; None where there is none.

    The letter is the first text of the mail, and where that has several forms the plain one.
    """
    texts = [leaf for leaf in leaves if leaf.is_text_of_mail]
    if not texts:
        return None, None
    first = texts[0]
    forms = [leaf for leaf in texts if leaf is first or leaf.part in _forms_of(message, first.part)]
    plain = next((leaf for leaf in forms if leaf.part.get_content_type() == "text/plain"), None)
    html = next((leaf for leaf in forms if leaf.part.get_content_type() == "text/html"), None)
    return (first, None) if plain is None else (plain, html)


def _forms_of(message: EmailMessage, text: EmailMessage) -> list[EmailMessage]:
    """Return all parts of the part that holds a text in several forms; none where the text has one form."""
    for part in message.walk():
        if part.get_content_type() == "multipart/alternative":
            inside = [inner for inner in part.walk() if isinstance(inner, EmailMessage)]
            if text in inside:
                return inside
    return []


def _file_of_mail(leaf: _Leaf, file: str, say: Callable[[str], None]) -> Iterator[Found]:
    """Yield a part of a mail as a file, or what is in it; `say` is told of one left out and of one without a name."""
    kind = leaf.part.get_content_type()
    named = leaf.part.get_filename()
    name = named or f"part-{leaf.number}{_EXTENSIONS.get(kind, '')}"
    if leaf.part.get_content_maintype() == "image" and leaf.part.get_content_disposition() != "attachment":
        say(f"{file}: {name} left out (a picture inside the text)")
        return
    if named is None and not leaf.payload.strip():
        say(f"{file}: part {leaf.number} left out ({kind} with nothing in it)")
        return
    if named is None:
        say(f"{file}: part {leaf.number} ({kind}) has no name, and is kept as {name}")
    if PurePosixPath(name).suffix.lower() == ".zip":
        yield from members(leaf.payload, f"{file} > {name}", say)
    else:
        yield Found(name.replace("\\", "/"), leaf.payload, f"{file} > {name}")


def _leaves(part: EmailMessage, file: str) -> Iterator[EmailMessage]:
    """Yield the parts of a mail that have no parts themselves; raises Refused for one that is not whole."""
    _is_whole(part, file)
    if part.get_content_maintype() == "message":
        raise Refused(Problem(file, "a mail attached to a mail", "files", "save the attached mail and give it too"))
    if not part.is_multipart():
        yield part
        return
    for inner in part.iter_parts():
        # only a mail that is read under another policy has parts of another kind
        assert isinstance(inner, EmailMessage)
        yield from _leaves(inner, file)


def _whole_payload(part: EmailMessage, file: str) -> bytes:
    """Return what is in a part as it was before it was encoded; raises Refused where that cannot be had exactly."""
    encoding = str(part.get("content-transfer-encoding", "7bit")).strip().lower()
    if encoding not in _TRANSFER_ENCODINGS:
        found, remedy = f"a part in the encoding {encoding!r}", "save what is attached and give the files"
        raise Refused(Problem(_place(part, file), found, f"one of {', '.join(_TRANSFER_ENCODINGS)}", remedy))
    payload = part.get_payload(decode=True)
    # what a payload is made of is known to be broken only after it was decoded
    _is_whole(part, file)
    return payload if isinstance(payload, bytes) else b""


def _is_whole(part: EmailMessage, file: str) -> None:
    """Raise Refused where the parser of mails has found something wrong with a part."""
    if part.defects:
        name = type(part.defects[0]).__name__
        found = f"{_DEFECTS.get(name, 'a damaged mail')} ({name})"
        remedy = "ask for the mail again, or save what is attached and look whether it is whole"
        raise Refused(Problem(_place(part, file), found, "the mail as it was sent, to its end", remedy))


def _place(part: EmailMessage, file: str) -> str:
    name = part.get_filename()
    return f"{file} > {name}" if name else file


def _body_text(body: EmailMessage, payload: bytes, file: str) -> bytes:
    """Return a body as it was written, in UTF-8 where the mail says that it is in another encoding."""
    charset = body.get_content_charset() or "us-ascii"
    # us-ascii is also what a mail that says nothing is taken to be
    if charset in {"us-ascii", "utf-8"}:
        return payload
    try:
        return payload.decode(charset).encode("utf-8")
    except (UnicodeError, LookupError) as error:
        found = f"a text that is not {charset}, as it says"
        raise Refused(Problem(file, found, "a mail in one encoding", "save its text as a file")) from error
