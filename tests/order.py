"""In which order files of tests go to the processes that run them, and which go to one and the same."""

from xdist.scheduler import LoadFileScheduling

PREFECT = tuple(f"tests/flows/test_{name}.py" for name in ("deployments", "flows", "same_rows", "sending", "share"))
"""They share one Prefect server, which takes long to start. What is deployed is looked at before others deploy."""
LONGEST = (
    "tests/flows/test_up.py",
    *PREFECT,
    "tests/flows/test_prefect_server.py",
    "tests/quality/test_floors.py",
    "tests/extractors/test_bad_text.py",
    "tests/feeds/test_hostile.py",
    "tests/warehouse/test_load.py",
    "tests/extractors/test_processes.py",
    "tests/cli/test_extract_settings.py",
    "tests/warehouse/test_lake.py",
    "tests/examples/test_examples.py",
    "tests/test_relink.py",
    "tests/test_merging.py",
    "tests/feeds/test_revisions.py",
    "tests/warehouse/test_corrections.py",
    "tests/cli/test_whole_path.py",
)
"""What takes longest comes first, so that no process is left with it when the others have nothing more to do."""
_RANKS = {file: rank for rank, file in enumerate(LONGEST)}


def rank(nodeid: str) -> int:
    """The place of a test's file; all that are not named come last, in the order in which they are found."""
    return _RANKS.get(_file(nodeid), len(_RANKS))


class Scheduling(LoadFileScheduling):
    """A file goes to one process whole, and so do all files that share a Prefect server."""

    def _split_scope(self, nodeid: str) -> str:
        file = _file(nodeid)
        return "prefect" if file in PREFECT else file


def _file(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]
