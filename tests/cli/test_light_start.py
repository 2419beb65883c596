"""Commands that only read or help start without the heavy packages."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"spacy", "prefect", "trafilatura", "pyarrow", "httpx", "feedparser"}


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["alliances"],
        ["deals", "--json"],
        ["sql", "SELECT 1"],
        ["companies"],
        ["feeds", "list"],
        ["status", "--no-fail"],
    ],
)
def test_reading_commands_import_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    from dealwire.warehouse.connect import Warehouse

    with Warehouse(tmp_path / "dealwire.duckdb").write():
        pass
    program = (
        "import sys\nfrom dealwire.cli import main\n"
        f"sys.argv = ['dealwire', *{words!r}]\n"
        "try:\n    main()\nexcept SystemExit as stop:\n    assert not stop.code, stop.code\n"
        f"sys.stderr.write('heavy:' + ','.join(sorted({HEAVY!r} & set(sys.modules))))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.rsplit("heavy:", 1)[1] == ""
