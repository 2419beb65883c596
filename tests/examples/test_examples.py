"""The examples are what their READMEs say: tests that pass, types that hold, extractors that are found, answers."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
ARTICLES = {
    "Cisco shrinks": "Cisco will cut 1,200 jobs, or 2% of its staff, it said. Intel plans to lay off 300 people.",
    "More of it": "Cisco cuts 900 jobs. Its chief said: it hurts.",
    "Oracle builds": "Oracle will build a 1 GW data centre in Abilene. Oracle bought chips for $2 billion from Nvidia.",
    "Again": "The Abilene data centre of Oracle has 800 MW so far. Equinix opens a data centre near Narvik with 50 MW.",
    "No": "The council rejected a 90 MW data centre that Meta had proposed in Tucson.",
}


def run(*words: str, cwd: Path, path: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(map(str, (*path, ROOT)))
    env = os.environ | {"PYTHONPATH": paths, "DEALWIRE_ENCODER": "false", "DEALWIRE_PROCESSES": "1"}
    env.pop("PREFECT_API_URL", None)
    return subprocess.run([sys.executable, *words], cwd=cwd, env=env, capture_output=True, text=True, check=False)


def question(readme: Path) -> str:
    """The one SQL query of a README."""
    (found,) = re.findall(r"^```sql\n(.+?)^```$", readme.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `pip install ./layoffs` puts into site-packages."""
    folder = tmp_path_factory.mktemp("site")
    source = shutil.copytree(EXAMPLES / "layoffs", folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    built = run("-c", "from hatchling.build import build_wheel; print(build_wheel('.'))", cwd=source)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(source / built.stdout.split()[-1]) as wheel:
        wheel.extractall(folder / "packages")
    return folder / "packages"


@pytest.fixture(scope="module")
def folder(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with settings, the loose file and a warehouse in which both extractors have read a few articles."""
    here = tmp_path_factory.mktemp("examples")
    shutil.copy(EXAMPLES / "datacenters.py", here)
    (here / "dealwire.toml").write_text('[extractors]\npaths = ["datacenters.py"]\n')
    lines = [
        {"url": f"https://news.example/{n}", "title": title, "text": text, "published_at": f"2026-03-0{n}"}
        for n, (title, text) in enumerate(ARTICLES.items(), 1)
    ]
    (here / "articles.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    for words in (("backfill", "articles.jsonl"), ("run", "--inline")):
        ran = run("-c", "from dealwire.cli import main; main()", *words, cwd=here, path=(installed,))
        assert ran.returncode == 0, ran.stderr
        assert "WARNING" not in ran.stderr
    return here


def asked(folder: Path, query: str) -> list[dict[str, Any]]:
    ran = run("-c", "from dealwire.cli import main; main()", "sql", query, "--json", cwd=folder)
    assert ran.returncode == 0, ran.stderr
    rows: list[dict[str, Any]] = json.loads(ran.stdout)
    return rows


def test_the_question_of_layoffs_is_answered(folder: Path) -> None:
    (cisco,) = asked(folder, question(EXAMPLES / "layoffs" / "README.md"))
    assert (cisco["company"], cisco["jobs"], cisco["percent"]) == ("Cisco", 1200, 2)


def test_the_question_of_data_centres_is_answered(folder: Path) -> None:
    rows = asked(folder, question(EXAMPLES / "datacenters.md"))
    assert [(one["owner"], one["places"], one["megawatts"]) for one in rows] == [
        ("Oracle", 1, 1000),
        ("Equinix", 1, 50),
    ]


def test_their_records_stand_in_the_view_of_mentions(folder: Path) -> None:
    rows = asked(
        folder, "SELECT label, count(*) AS n FROM mentions WHERE label IN ('LAYOFF', 'DATA_CENTER') GROUP BY ALL"
    )
    assert {one["label"]: one["n"] for one in rows} == {"LAYOFF": 3, "DATA_CENTER": 4}


def test_columns_say_what_they_hold(folder: Path) -> None:
    rows = asked(folder, "SELECT comment FROM duckdb_columns() WHERE table_name = 'layoffs' AND column_name = 'share'")
    assert rows == [{"comment": "Percent of the staff; null if none is stated."}]


def test_the_tests_that_come_with_them_pass() -> None:
    paths = f"pythonpath={EXAMPLES / 'layoffs' / 'src'} {EXAMPLES}"
    # `-o` takes the place of what the project's own settings say.
    ran = run(
        *(
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-o",
            "addopts=",
            "-o",
            paths,
            "-c",
            str(ROOT / "pyproject.toml"),
        ),
        *(str(EXAMPLES / "test_datacenters.py"), str(EXAMPLES / "layoffs" / "tests")),
        cwd=ROOT,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]


def test_their_types_hold_strictly() -> None:
    files = [
        "examples/datacenters.py",
        "examples/test_datacenters.py",
        "examples/layoffs/src",
        "examples/layoffs/tests",
    ]
    ran = run("-m", "mypy", "--strict", *files, cwd=ROOT)
    assert ran.returncode == 0, ran.stdout
