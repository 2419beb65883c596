"""A process that reads documents and nothing else: bounded in time by an alarm, in memory by a limit, so safe to lose.

Started by `workers` as a program, with the module that does the work (`parse_worker`, `page_worker`). A request is a
line of JSON and the body; the answer is one line of JSON.
"""

import json
import resource
import signal
import sys
import types
from importlib import import_module
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def _bare_packages() -> None:
    """Let `dealwire.feeds.*` and `schemas.ids` be imported without running what their packages import."""
    folders = {"dealwire": _HERE.parent, "dealwire.feeds": _HERE, "schemas": _HERE.parent.parent / "schemas"}
    for name, folder in folders.items():
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


def main() -> None:
    """Answer requests until there are none. Arguments: the module, seconds a document, megabytes above what is used."""
    _bare_packages()
    work = import_module(f"dealwire.feeds.{sys.argv[1]}")
    seconds, megabytes = float(sys.argv[2]), float(sys.argv[3])
    work.prepare()
    _limit_memory(megabytes)
    # What a terminal's Ctrl-C means is for the parent to decide.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    read, write = sys.stdin.buffer, sys.stdout.buffer
    # Nothing but answers may reach the parent.
    sys.stdout = sys.stderr
    while line := read.readline():
        asked = json.loads(line)
        body = read.read(asked["length"])
        _alarm(seconds)
        try:
            told = json.dumps(work.answer(asked, body)).encode()
        except MemoryError:
            reason = f"it needs more than {megabytes:g} MB to read"
            told = json.dumps({"reason": reason, "hostile": True, "last": True}).encode()
        body = b""
        _alarm(0)
        write.write(told + b"\n")
        write.flush()
        if told.endswith(b'"last": true}'):
            return


def _alarm(seconds: float) -> None:
    """End this process when it has worked for so long, or waited for a busy machine three times as long."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, 3 * seconds)


def _limit_memory(megabytes: float) -> None:
    used = 0
    status = Path("/proc/self/statm")
    if status.exists():
        used = int(status.read_text().split()[0]) * resource.getpagesize()
    # What is imported only when a document asks for it comes on top.
    most = used + int((megabytes + 40) * 1_000_000)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (ValueError, OSError):
        """Some systems have no such limit; the alarm remains."""


if __name__ == "__main__":
    main()
