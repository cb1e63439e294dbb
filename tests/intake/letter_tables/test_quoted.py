"""A count inside a sentence is the one that stands there, or it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.intake.letter_tables import quoted_count
from pipeline.intake.problem import Refused
from tests.intake.letter_tables.letters import letter, refusal
from tests.intake.letter_tables.pdfs import Pdf, words

SENTENCE = "We hold\nIn total  1,203 crimes and twelve arrests; 2 of 40 (in 2015/16) named *7* sites, 1 234 posts.\n"


@pytest.mark.parametrize(
    ("quote", "number"),
    [
        ("total 1,203  crimes", "1,203"),
        ("1,203 crimes", "1,203"),
        ("and twelve arrests", "twelve"),
        ("twelve", "twelve"),
        ("of 40", "40"),
        ("7", "7"),
    ],
)
def test_a_count_is_read_from_the_words_around_it(tmp_path: Path, quote: str, number: str) -> None:
    row = quoted_count(letter(tmp_path, "a.txt", SENTENCE), "a.txt", None, 2, quote)
    assert row.fields == (number,)
    assert (row.line_no, row.lines, row.text) == (2, 1, SENTENCE.splitlines()[1])


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("1,204 crimes", "'In total 1,203"),
        ("", "'In total 1,203"),
        ("203 crimes", "as a part of longer words or numbers"),
        ("1,203 crime", "as a part of longer words or numbers"),
        ("234 posts", "as a part of longer words or numbers"),
        ("sites, 1", "as a part of longer words or numbers"),
        ("1 234 posts", "'1' and '234'"),
        ("1,203 crimes and twelve arrests", "'1,203' and 'twelve'"),
        ("crimes and", "no number"),
        ("(in 2015/16)", "'2015/16'"),
    ],
)
def test_a_quote_that_does_not_hold_exactly_one_count_is_refused(tmp_path: Path, quote: str, found: str) -> None:
    problem = refusal(letter(tmp_path, "a.txt", SENTENCE), None, 2, quote)
    assert problem.line == 2
    assert found in problem.found


@pytest.mark.parametrize(
    ("sentence", "quote"),
    [
        ("in excess of 3200 crimes", "3200 crimes"),
        ("there were more than 3200 crimes", "there were more than 3200 crimes"),
        ("some 3200", "3200"),
        ("3200 or more", "3200"),
        (">3200 crimes", "3200 crimes"),
        (">3200 crimes", ">3200 crimes"),
        ("3200+ crimes", "3200+ crimes"),
        ("£3200", "3200"),
        ("3200%", "3200"),
        ("3200.5 crimes", "3200.5 crimes"),
        ("3200.5 crimes", "3200"),
        ("twenty-one crimes", "twenty-one crimes"),
        ("twenty-one crimes", "one crimes"),
        ("two hundred crimes", "two"),
        ("two hundred crimes", "two hundred crimes"),
        ("a hundred and two crimes", "two crimes"),
        ("twelve thousand crimes", "twelve"),
        ("thirty crimes", "thirty crimes"),
        ("no crimes", "no crimes"),
        ("3200th crime", "3200th crime"),
        ("12½ crimes", "12½ crimes"),
        ("３２ crimes", "３２ crimes"),
    ],
)
def test_a_number_that_is_no_exact_count_is_refused(tmp_path: Path, sentence: str, quote: str) -> None:
    refusal(letter(tmp_path, "a.md", sentence), None, 1, quote)


def test_a_count_in_html_is_one_that_a_reader_sees(tmp_path: Path) -> None:
    page = (
        "<p>We hold\n<b>12</b> cri<i>mes</i></p><!-- 13 crimes --><p hidden>14 crimes</p>"
        "<td>1<td>5 crimes <s>6 crimes</s><td>1<s>2</s>3 crimes"
    )
    path = letter(tmp_path, "a.html", page)
    row = quoted_count(path, "a.html", None, 2, "hold 12 crimes")
    assert (row.fields, row.line_no, row.lines, row.text) == (("12",), 1, 2, "We hold 12 crimes")
    assert quoted_count(path, "a.html", None, 2, "5 crimes").fields == ("5",)
    for unseen in ("13 crimes", "14 crimes", "6 crimes", "13 crimes", "1 5 crimes"):
        refusal(path, None, 2, unseen)
    assert "no text on this line" in refusal(path, None, 3, "12").found


def test_a_count_on_a_line_of_a_pdf(tmp_path: Path) -> None:
    pdf = Pdf().page(words(50, 350, "Dear Sir"), words(50, 330, "There were 12 crimes"), words(150, 333, "1", 6))
    pdf.page("1 g", words(50, 350, "There were 12 crimes")).page(words(50, 350, "12"), words(61.2, 352, "1", 6))
    path = letter(tmp_path, "a.pdf", pdf.written())
    assert quoted_count(path, "a.pdf", 1, 2, "were 12 crimes").text.startswith("There were 12 crimes")
    for page, line_no, found in (
        (1, 1, "on page 1: 'Dear Sir'"),
        (1, 4, "a page 1 of 2 lines"),
        (4, 1, "a PDF of 3 pages"),
        (2, 1, "text that cannot be seen"),
        (3, 1, "digits of two sizes in '121'"),
        (None, 2, "no page"),
    ):
        with pytest.raises(Refused) as refused:
            quoted_count(path, "a.pdf", page, line_no, "were 12 crimes")
        assert found in refused.value.problems[0].found
    assert "a page" in refusal(letter(tmp_path, "a.txt", "12"), 1, 1, "12").found
    assert "a file of 1 lines" in refusal(letter(tmp_path, "a.txt", "12"), None, 2, "12").found
