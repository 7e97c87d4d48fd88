"""`python -m infra.operations.leaks STACK`: what is left in AWS of a stack that was destroyed.

It looks by tag and, for what has none, by name. Exit status 0 where nothing is left, 1 where something is, 2 where it
could not look. Keys that wait for their deletion, and what a protected stack keeps on purpose, are shown apart and are
no leak. It reads only.
"""

import argparse
import sys
from collections.abc import Iterable

from infra.operations.accounts import AwsAccount
from infra.operations.errors import run, say
from infra.operations.leftovers.kept import kept
from infra.operations.leftovers.leftover import Finder, Leftover, Search
from infra.operations.leftovers.tagged import tagged
from infra.operations.leftovers.untagged import FINDERS
from infra.operations.stacks import StackFile

LEAKING = 1


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0, LEAKING, or FAILED after one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m infra.operations.leaks", description=__doc__)
    parser.add_argument("stack")
    stack: str = parser.parse_args(arguments).stack
    return run(lambda: leaks(StackFile.read(stack)))


def leaks(stack: StackFile) -> int:
    """Looks for what is left of `stack` and shows it."""
    account = AwsAccount.open(stack.region)
    found = leftovers(Search(account, stack))
    leaking = [each for each in found if each.excused is None]
    place = f"of {stack.stack} in account {account.id}, {account.region}"
    say(f"{len(leaking)} left {place}:" if leaking else f"Nothing is left {place}.")
    for each in leaking:
        say(f"  {each.kind:<24} {each.arn}")
    if excused := [each for each in found if each.excused]:
        say("No leak:")
    for each in excused:
        say(f"  {each.kind:<24} {each.arn} ({each.excused})")
    return LEAKING if leaking else 0


def leftovers(search: Search, finders: Iterable[Finder] = (tagged, *FINDERS)) -> list[Leftover]:
    """Everything that is found, once, by ARN; what is kept on purpose says so."""
    reasons = kept(search)
    found: dict[str, Leftover] = {}
    for finder in finders:
        for leftover in finder(search):
            reason = leftover.excused or reasons.get(leftover.arn)
            found.setdefault(leftover.arn, Leftover(leftover.arn, excused=reason))
    return [found[arn] for arn in sorted(found)]


if __name__ == "__main__":
    sys.exit(main())
