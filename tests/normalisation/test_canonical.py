import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalisation.canonical import canonical, is_blank, plain_with_places, squeezed, words

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


@pytest.mark.parametrize("mark", list(".,;:"))
def test_one_mark_that_closes_a_label_goes_and_two_stay(mark: str) -> None:
    assert canonical(f"8L. Harassment{mark}") == "8l. harassment"
    for other in ".,;:":
        assert canonical(f"TikTok{other}{mark}") == f"tiktok{other}{mark}"


@pytest.mark.parametrize("mark", list('-/\\,;:.()[]{}|_"'))
def test_each_mark_that_parts_words_is_a_blank_between_them(mark: str) -> None:
    assert words(f"Tik{mark}Tok") == words(f"Tik {mark} Tok") == words(f"Tik {mark}Tok") == "tik tok"


@pytest.mark.parametrize("mark", list("-_.'\" "))
def test_each_mark_that_joins_words_goes_where_blanks_go(mark: str) -> None:
    assert squeezed(f"Tik{mark}Tok") == squeezed(f"Tik {mark} Tok") == "tiktok"


def test_stops_that_say_a_label_was_cut_are_one_sign_however_many() -> None:
    for stops in ("..", "...", "....", "....."):
        assert (words(f"TikTok{stops}"), squeezed(f"TikTok{stops}")) == ("tiktok \u2026", "tiktok\u2026")


def test_where_there_is_no_letter_punctuation_is_meaning() -> None:
    for label in ("1_2", "1.2", "1/2", "1-2", "-1", "..", "-", "_"):
        assert words(label) == squeezed(label) == canonical(label) == label


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


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("\x91\x92", "'"),
        ("\x93\x94", '"'),
        ("\x96\x97", "-"),
        ("\xa0", " "),
        ("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-"),
        ("\u2018\u2019\u201a\u201b\u2032\u00b4\u0060\u02bc\uff07", "'"),
        ("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb\uff02", '"'),
        ("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff", ""),
        ("\u2026", "..."),
    ],
)
def test_each_mark_and_what_it_becomes(written: str, plain: str) -> None:
    for character in written:
        assert canonical(f"a{character}b") == f"a{plain}b", hex(ord(character))
        assert plain_with_places(f"a{character}b")[0] == f"a{plain}b"
        if character in "\x91\x92\x93\x94\x96\x97\xa0":
            for escape in (f"\\x{ord(character):02x}", f"\\x{ord(character):02X}", f"\\X{ord(character):02x}"):
                assert canonical(f"a{escape}b") == f"a{plain}b"
    assert canonical("a\\x95b") == "a\\x95b"


def test_full_width_letters_and_ligatures_are_plain_letters() -> None:
    wide = "".join(chr(c) for c in range(0xFF01, 0xFF5F) if c not in {0xFF02, 0xFF07})
    assert canonical(f"x{wide}x") == canonical("x" + "".join(chr(ord(c) - 0xFEE0) for c in wide) + "x")
    joined = "\ufb00\ufb01\ufb02\ufb03\ufb04\ufb05\ufb06"
    assert canonical(joined) == "fffiflffifflstst"
    assert canonical("Poke\u0301mon") == canonical("Pok\u00e9mon") == "pok\u00e9mon"


def test_the_plain_text_knows_where_each_character_came_from() -> None:
    assert plain_with_places("") == ("", ())
    assert plain_with_places("A\tB") == ("a b", ((0, 1), (1, 2), (2, 3)))
    assert plain_with_places("\\x96A") == ("-a", ((0, 4), (4, 5)))
    assert plain_with_places("e\u0301\u200bX") == ("\u00e9x", ((0, 2), (3, 4)))
    assert plain_with_places("\u00dfa") == ("ssa", ((0, 1), (0, 1), (1, 2)))
    assert plain_with_places("\\XA0A") == (" a", ((0, 4), (4, 5)))
    assert plain_with_places("a\n\u0301b")[0] == "a \u0301b"
    assert plain_with_places("\u2026aB") == ("...ab", ((0, 1), (0, 1), (0, 1), (1, 2), (2, 3)))
    assert plain_with_places("a\u2026") == ("a...", ((0, 1), (1, 2), (1, 2), (1, 2)))


@given(ANY_TEXT)
def test_the_plain_text_is_the_canonical_one_but_for_blanks_and_wrapping(text: str) -> None:
    plain, places = plain_with_places(text)
    assert len(plain) == len(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert [start for start, _ in places] == sorted(start for start, _ in places)
    assert canonical(plain) == canonical(text)
