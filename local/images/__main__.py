"""`python -m local.images build`: build the images and print the digest and the archive of each."""

import argparse
import signal
import sys

from local.errors import LocalError
from local.images import build_all
from local.paths import CACHE, REPO


def main(arguments: list[str]) -> int:
    """Exit status 0, or 1 after one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m local.images", description="The images of the services.")
    parser.add_argument("command", choices=["build"], help="build what is not in the cache")
    parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # an exit cleans up, a signal does not
    try:
        for image in build_all(REPO, CACHE).values():
            print(f"{image.name:<12} {image.digest} {image.archive}")
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
