"""`python -m tests.quality`: the figures reached against the floors; exit code 1 if one is below its floor."""

import sys

from extractors.encoder import session
from tests.quality.figures import FLOORS, fallen, gold, reached


def main() -> None:
    fell: list[str] = []
    # One after the other: so is what each part gives seen.
    rows = {"all of it": {}, "without the encoder": {"encoder": False}, "without the catalogue": {"catalogue": False}}
    rows["without both"] = {"encoder": False, "catalogue": False}
    if not session.available():
        print("the encoder is not here: rules and catalogue alone")
        rows = {"rules and catalogue": {}, "without the catalogue": {"catalogue": False}}
    for name, floors in FLOORS.items():
        print(f"\n{name:<24}" + "".join(f"{what:>10}" for what in floors))
        given = gold(name)
        if given is None:
            print("  the documents are not beside the project")
            continue
        print(f"  {'floor':<22}" + "".join(f"{floor:10.3f}" for floor in floors.values()))
        for number, (row, switches) in enumerate(rows.items()):
            figures = reached(given, **switches)
            print(f"  {row:<22}" + "".join(f"{figures[what]:10.3f}" for what in floors), flush=True)
            if number == 0:
                fell += [f"{name}: {what} fell: {told}" for what, told in fallen(name, figures).items()]
    if fell:
        print("\n" + "\n".join(fell))
        sys.exit(1)


if __name__ == "__main__":
    main()
