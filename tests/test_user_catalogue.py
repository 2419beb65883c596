"""Files of names that a user adds: read as they are meant, faults told with their line."""

from pathlib import Path

import pytest

from dealwire import catalogue
from dealwire.settings import Catalog, load
from extractors.catalog import Company
from schemas.errors import InvalidInput, SettingsInvalid


def read(folder: Path, what: str, text: str, name: str = "mine.jsonl") -> list[object]:
    (folder / name).write_text(text, encoding="utf-8")
    found = catalogue.read(Catalog.model_validate({what: [folder / name]}))
    return list(getattr(found, what))


def test_companies_are_lines_of_json_or_csv(tmp_path: Path) -> None:
    told = Company("Acme", ("Acme Labs", "ACM"), kind="chips", country="DE", origin="the user")
    line = '{"name": "Acme", "aliases": ["Acme Labs", "ACM"], "kind": "chips", "country": "DE"}\n'
    assert read(tmp_path, "companies", "\ufeff" + line) == [told]
    table = "name,aliases,kind,country\n# ours\n\nAcme,Acme Labs; ACM ,chips,DE\n"
    assert read(tmp_path, "companies", table, "mine.csv") == [told]


def test_a_family_needs_a_name_and_an_owner_alone(tmp_path: Path) -> None:
    (plain,) = read(tmp_path, "chips", '{"vendor": "Acme", "name": "Z{1", "aliases": ["Zed One"]}')
    assert (plain.pattern, plain.starts, plain.name) == (r"Zed\ One|Z\{1", "Z", "Z{{1")  # type: ignore[attr-defined]
    text = r'{"developer": "Acme", "family": "Q", "pattern": "Q-(\\d)", "name": "Acme Q{1}", "starts": "Q"}'
    (model,) = read(tmp_path, "models", text)
    assert (model.owner, model.family, model.pattern) == ("Acme", "Q", r"Q-(\d)")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("what", "name", "text", "told"),
    [
        ("companies", "a.jsonl", '\n{"name": "A"', "a.jsonl line 2 is no JSON"),
        ("companies", "a.jsonl", "[1]", "a.jsonl line 1 should be an object"),
        ("companies", "a.jsonl", '{"nam": "A"}', "line 1.* 'nam'; known are name, aliases|has no \"name\""),
        ("companies", "a.jsonl", '{"name": "A", "nick": "B"}', "there is no field 'nick'; known are name, aliases"),
        ("companies", "a.jsonl", '{"name": " "}', "line 1: name"),
        ("companies", "a.jsonl", '{"name": "A", "aliases": "B"}', "line 1: aliases"),
        ("companies", "a.jsonl", '{"name": "A", "country": "Germany"}', "line 1: country"),
        ("companies", "a.jsonl", '{"name": "A"}\n{"name": "a"}', "line 2: 'a' stands at .* line 1 already"),
        ("companies", "a.csv", "Acme,Acme Labs\n", "line 1 should name the columns"),
        ("companies", "a.csv", "name,aliases\nAcme,Labs,Acme\n", "a.csv line 2 has 3 parts for 2 columns"),
        ("chips", "a.jsonl", '{"name": "Z1"}', 'has no "vendor"'),
        ("chips", "a.jsonl", '{"vendor": "A", "name": "Z", "pattern": "("}', '"starts"'),
        ("chips", "a.jsonl", '{"vendor": "A", "name": "Z", "pattern": "(", "starts": "Z"}', "no regular expression"),
        ("models", "a.jsonl", '{"developer": "A", "name": "Z{2}", "pattern": "Z(1)", "starts": "Z"}', "groups"),
        ("models", "a.jsonl", '{"developer": "A", "name": "Z", "needs": "luck"}', "line 1: needs"),
    ],
)
def test_a_bad_line_is_named_with_what_to_do(tmp_path: Path, what: str, name: str, text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        read(tmp_path, what, text, name)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.jsonl, which \[catalog\] of the settings names, cannot be read"):
        catalogue.read(Catalog(companies=(tmp_path / "none.jsonl",)))


def test_settings_hold_the_names_of_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "dealwire.toml"
    path.write_text('batch = 3\n[catalog]\ncompanies = ["a.jsonl", "b.csv"]\naliases = "c.csv"\n')
    found = load(path)
    assert found.catalog == Catalog(companies=(Path("a.jsonl"), Path("b.csv")), aliases=Path("c.csv"))
    monkeypatch.setenv("DEALWIRE_CATALOG__CHIPS", "x.jsonl, y.jsonl")
    assert load(path).catalog.chips == (Path("x.jsonl"), Path("y.jsonl"))
    assert load(path).catalog.aliases == Path("c.csv")
    path.write_text("[catalog]\ncompany = []\n")
    with pytest.raises(SettingsInvalid, match=r"'catalog\.company'; known are aliases, chips, companies, models"):
        load(path)
    path.write_text("[catalog]\n\n[extractors]\n\n[catalog]\ncompanies = []\n")
    with pytest.raises(SettingsInvalid, match=r"\[catalog\] begins again in line 5; put its lines below the first one"):
        load(path)
    path.write_text("")
    monkeypatch.setenv("DEALWIRE_CATALOG", "nonsense")
    with pytest.raises(SettingsInvalid):
        load(path)
