"""The survey of a file: which encoding, and where none is certain."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.intake.problem import Refused
from pipeline.intake.survey import survey

# bytes that begin, go on with or cannot be in a letter of UTF-8, among them those of overlong forms and surrogates
PARTS = st.lists(st.sampled_from([*b"A,\n\x80\x8f\x90\x9f\xa0\xbf\xc1\xc2\xe0\xe1\xed\xef\xf0\xf1\xf4\xf5"]))


@given(PARTS.map(bytes))
@example("¡Â´".encode("cp1252"))
@example(b"\xe0\x80\x80")
@example(b"\xf4\x90\x80\x80")
def test_no_encoding_is_certain_where_some_letters_are_utf8_and_some_are_not(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "surveyed.csv"
    path.write_bytes(data)
    try:
        data.decode()
        expected = "utf-8"
    except UnicodeDecodeError:
        expected = "cp1252" if data.decode(errors="ignore").isascii() else "refused"
    try:
        found = survey(path, path.name, None).encoding
    except Refused:
        found = "refused"
    assert found == expected
