"""The address of a DuckLake: read as PostgreSQL reads it, and never shown with its password."""

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwire.settings import load
from schemas.errors import InvalidInput, SettingsInvalid
from schemas.lake import LakeAddress

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20)


@pytest.mark.parametrize(
    ("text", "options", "password"),
    [
        ("host=db dbname=deals", {"host": "db", "dbname": "deals"}, ""),
        ("dbname = 'a b'  password='it\\'s \\\\'", {"dbname": "a b"}, "it's \\"),
        ("postgresql://me:hu%20sh@db:5433/deals?sslmode=require",
         {"host": "db", "port": "5433", "user": "me", "dbname": "deals", "sslmode": "require"}, "hu sh"),
        ("postgres://db/deals", {"host": "db", "dbname": "deals"}, ""),
        # What has been a path in between has lost a slash.
        ("postgresql:/me:hush@db/deals", {"host": "db", "user": "me", "dbname": "deals"}, "hush"),
    ],
)  # fmt: skip
def test_an_address_is_read(text: str, options: dict[str, str], password: str) -> None:
    found = LakeAddress.parse(f"ducklake:postgres:{text}")
    assert dict(found.options) == options
    assert found.password == password
    assert found.name == options["dbname"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ducklake:sqlite:deals.db", "write it like"),
        ("ducklake:postgres:", "write it like"),
        ("ducklake:postgres:host=db", "dbname"),
        ("ducklake:postgres:host=db dbname=deals hush", "cannot be read"),
        ("ducklake:postgres:postgresql://me:hush@db:port/deals", "no number"),
        ("ducklake:postgres:dbname=deals sslpassword=hush", "service file"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_and_not_repeated(text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told) as refused:
        LakeAddress.parse(text)
    assert "hush" not in str(refused.value)
    with pytest.raises(SettingsInvalid, match=told) as unset:
        load(database=text)
    assert "hush" not in f"{unset.value} {unset.value.__cause__}"


@given(name=WORDS.filter(str.strip), password=WORDS)
def test_an_address_is_the_same_when_it_is_written_and_read_again(name: str, password: str) -> None:
    address = LakeAddress((("dbname", name), ("host", "db")), password)
    assert LakeAddress.parse(address.whole) == address
    assert LakeAddress.parse(address.shown) == address._replace(password="")


def test_settings_show_the_address_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALWIRE_DATABASE", "ducklake:postgres:postgresql://me:hush@db/deals")
    settings = load()
    assert settings.place == settings.named == "ducklake:postgres:dbname=deals host=db user=me"
    assert settings.database == Path("deals.lake")
    assert "hush" not in repr(settings) + str(settings.model_dump())
    copied = pickle.loads(pickle.dumps(settings.model_copy(update={"batch": 5})))
    assert copied.lake == settings.lake


def test_the_address_as_it_is_shown_stands_for_the_one_in_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEALWIRE_DATABASE", "ducklake:postgres:postgresql://me:hush@db/deals")
    named = load(database=Path(load().place))
    assert named.lake
    assert named.lake.password == "hush"
    other = load(database=Path("ducklake:postgres:dbname=deals host=other user=me"))
    assert other.lake
    assert other.lake.password == ""
    assert load(database=Path("deals.duckdb")).lake is None
