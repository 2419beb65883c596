"""The command line: one file per noun, thin over steps and queries."""

import os
import sys

from schemas.errors import DealwireError


def main() -> None:
    """Run `dealwire`; errors that a user can mend end with one line and exit code 1."""
    from dealwire.cli.app import app

    try:
        app(standalone_mode=True)
    except DealwireError as error:
        sys.exit(_say(error))
    except KeyboardInterrupt:
        sys.stderr.write("stopped; what was stored stays stored\n")
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output is gone (`| head`): not an error, but Python must not flush to it again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)


def _say(error: DealwireError) -> int:
    sys.stderr.write(f"dealwire: {error}\n")
    return 1
