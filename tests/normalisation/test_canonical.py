import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.canonical import canonical, is_blank, squeezed, words

ANY_TEXT = st.text(max_size=60)
ASCII = st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=60)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("  TikTok ", "tiktok"),
        ("8R – Malicious\u00a0Communications", "8r - malicious communications"),
        ("Reprimand ‐ Youth Case", "reprimand - youth case"),
        ('"Tinder”', "tinder"),
        ('"Tinder,"', "tinder"),
        ("What’s App", "what's app"),
        ("complete \\x96 no", "complete - no"),
        ("complete \x96 no", "complete - no"),
        ("a\r\n b", "a b"),
        ("relationship.", "relationship"),
        ("Evidential difficulties...", "evidential difficulties..."),
        ("Evidential difficulties…", "evidential difficulties..."),
        ("Tik\u200bTok\ufeff", "tiktok"),
        ("oﬃcer", "officer"),
        ("ＴｉｋＴｏｋ", "tiktok"),
        ("2015*", "2015*"),
        ("-1", "-1"),
        ("<1", "<1"),
        ('"', '"'),
        ("", ""),
    ],
)
def test_canonical_form(label: str, expected: str) -> None:
    assert canonical(label) == expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("Type 16 - Named Suspect", "type 16 named suspect"),
        ("Facebook & Instagram", "facebook and instagram"),
        ("What's App", "whats app"),
        ("N/A", "n a"),
        ("-1", "-1"),
        ("1/2", "1/2"),
        ("TikTok?", "tiktok?"),
        ("Evidential difficulties...", "evidential difficulties …"),
    ],
)
def test_words(label: str, expected: str) -> None:
    assert words(label) == expected


def test_marks_that_change_meaning_stay_in_every_form() -> None:
    for form in (canonical, words, squeezed):
        for mark in ("*", "?", "<", "+", "\ufffd", "..."):
            assert form(f"TikTok{mark}") != form("TikTok")


def test_squeezed_joins_blanks_and_hyphens_only() -> None:
    assert squeezed("Tik Tok") == squeezed("Tik-Tok") == squeezed("TikTok") == "tiktok"
    assert squeezed("What's App") == squeezed("Whats.App") == "whatsapp"
    assert len({squeezed(f"Facebook{mark}Messenger") for mark in ",;/|&+ "}) == 7
    assert squeezed("Tik Talk") != squeezed("TikTok")
    assert squeezed("1 2") == "1 2"


def test_blank_is_nothing_written_and_a_quote_is_something() -> None:
    assert all(map(is_blank, ["", " ", "\t\n", "\u00a0", "\u200b \ufeff"]))
    assert not any(map(is_blank, ['"', "-", ".", "0"]))


@given(ANY_TEXT)
def test_each_form_is_idempotent(text: str) -> None:
    for form in (canonical, words, squeezed):
        assert form(form(text)) == form(text)


@given(ASCII)
def test_case_and_outer_blanks_never_matter(text: str) -> None:
    for form in (canonical, words, squeezed):
        assert form(text.upper()) == form(text.lower()) == form(f"  {text}\u00a0\n")


@given(
    st.lists(st.sampled_from(["TikTok", "Type", "16", "&", "x"]), min_size=1),
    st.sampled_from([" ", "  ", "\u00a0", "\t"]),
)
def test_kind_and_number_of_blanks_never_matter(parts: list[str], blank: str) -> None:
    assert canonical(blank.join(parts)) == canonical(" ".join(parts))
