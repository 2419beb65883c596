"""A process that parses feeds and nothing else: bounded in time by an alarm, in memory by a limit, so safe to lose.

Started by `parsers` as a program. A request is a line of JSON and the body; the answer is one line of JSON. It needs
only the standard library and feedparser: without pydantic it is half as large and starts in a fifth of the time, which
counts because a hostile feed costs a process.
"""

import json
import resource
import signal
import sys
import types
from pathlib import Path

_HERE = Path(__file__).resolve().parent


def _bare_packages() -> None:
    """Let `dealwire.feeds.*` be imported without running what `dealwire/__init__` imports."""
    for name, folder in (("dealwire", _HERE.parent), ("dealwire.feeds", _HERE)):
        package = types.ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package


def main() -> None:
    """Answer requests until there are none. Arguments: seconds a document, megabytes above what is used now."""
    _bare_packages()
    from dealwire.feeds import formats, values

    seconds, megabytes = float(sys.argv[1]), float(sys.argv[2])
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
            found = formats.read(body, url=asked["url"], content_type=asked["content_type"])
            answer: dict[str, object] = {"found": found}
        except values.Unreadable as error:
            answer = {"reason": error.reason, "hostile": error.hostile}
        except MemoryError:
            answer = {"reason": f"it needs more than {megabytes:g} MB to read", "hostile": True, "last": True}
        body = b""
        told = json.dumps(answer).encode()
        _alarm(0)
        write.write(told + b"\n")
        write.flush()
        if "last" in answer:
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
    # feedparser comes when the first document asks for it.
    most = used + int((megabytes + 40) * 1_000_000)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (ValueError, OSError):
        """Some systems have no such limit; the alarm remains."""


if __name__ == "__main__":
    main()
