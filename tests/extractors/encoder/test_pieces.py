"""Texts are cut into words whose offsets hold, and into windows that lose none of them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from extractors.encoder import pieces


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_words_lie_where_they_say(text: str) -> None:
    found = pieces.words(text)
    assert all(text[word.start : word.end].strip() for word in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(word.ids for word in found)


@given(st.text(alphabet="aB 1$.,", max_size=300), st.integers(1, 40), st.integers(0, 10))
def test_stretches_cover_every_word(text: str, size: int, back: int) -> None:
    found = pieces.words(text)
    runs = list(pieces.stretches(found, size, back))
    covered = {index for first, last in runs for index in range(first, last)}
    assert covered == set(range(len(found)))
    assert all(first < last for first, last in runs)


def test_casing_and_types_go_with_every_piece_of_a_word() -> None:
    text = "OpenAI pays NVIDIA for chips"
    found = pieces.words(text)
    types = pieces.word_types(found, [(0, 6, 1), (12, 18, 1)])
    assert [word.casing for word in found] == [3, 0, 2, 0, 0]
    assert types == [1, 0, 1, 0, 0]
    window = pieces.window(found, 0, len(found), types)
    assert len(window.ids) == len(window.casing) == len(window.types)
    assert window.places[0] == 1
    assert len(window.places) == len(found)
