"""Names of one company in a text become one name."""

import pytest

from extractors.resolve import canonical_names, without_form


def spans(text: str, *names: str) -> list[tuple[int, int, str]]:
    return sorted((at, at + len(name), "") for name in names for at in [text.index(name)])


@pytest.mark.parametrize(
    ("text", "names", "canonical"),
    [
        ("Zentiq Labs Inc. sued. Later Zentiq Labs paid.", ["Zentiq Labs Inc."], ["Zentiq Labs"]),
        ("Quellon Ventures led; Quellon said no more.", ["Quellon Ventures", "Quellon said"[:7]], None),
        ("Velhart Industries bought it. Velhart fell.", ["Velhart Industries"], ["Velhart Industries"]),
    ],
)
def test_forms_are_stripped_and_the_longest_name_wins(text: str, names: list[str], canonical: list[str] | None) -> None:
    found = canonical_names(text, spans(text, *dict.fromkeys(names)))
    if canonical is not None:
        assert [name for name, _ in found] == canonical


def test_short_forms_take_the_long_name() -> None:
    text = "Quellon Ventures led the round. Quellon had led the last one too."
    found = [(0, 16, ""), (32, 39, "")]
    assert [name for name, known in canonical_names(text, found)] == ["Quellon Ventures", "Quellon Ventures"]


def test_a_last_word_that_the_text_drops_is_dropped() -> None:
    text = "Velhart Industries bought a rival. Velhart did not say which."
    found = [(0, 18, ""), (35, 42, "")]
    assert {name for name, _ in canonical_names(text, found)} == {"Velhart"}


def test_initials_in_brackets_are_the_name_before_them() -> None:
    text = "Harrow Green Partners (HGP) lent to it, and HGP will lend more."
    found = [(0, 21, ""), (23, 26, ""), (44, 47, "")]
    assert {name for name, _ in canonical_names(text, found)} == {"Harrow Green Partners"}


def test_the_catalogue_names_what_it_knows() -> None:
    text = "Nvidia Corp. rose."
    assert canonical_names(text, [(0, 12, "")]) == [("NVIDIA", True)]


@pytest.mark.parametrize(
    ("printed", "bare"),
    [
        ("Oracle Corp.", "Oracle"),
        ("Sony Group Corp", "Sony Group"),
        ("Infineon Technologies AG", "Infineon Technologies"),
    ],
)
def test_legal_forms_are_no_part_of_a_name(printed: str, bare: str) -> None:
    assert without_form(printed) == bare
