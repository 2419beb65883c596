"""`python -m benchmarks [NAME…]`: every benchmark, or those named; each prints ratios measured in one run."""

import sys

from benchmarks import extract, link, live, machines, money, page, stale
from benchmarks.poll import __main__ as poll
from benchmarks.poll import crowd, parse

BENCHMARKS = {
    "extract": extract.main,
    "stale": stale.main,
    "link": link.main,
    "money": money.main,
    "page": page.main,
    "poll": poll.main,
    "parse": parse.main,
    "crowd": crowd.main,
    "live": live.main,
    "machines": machines.main,
}


def main() -> None:
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"there is no benchmark {unknown[0]}; there are: {', '.join(BENCHMARKS)}")
    # The benchmarks take sizes of their own when they are run as modules.
    sys.argv = sys.argv[:1]
    for name in names:
        print(f"== {name}")
        BENCHMARKS[name]()


if __name__ == "__main__":
    main()
