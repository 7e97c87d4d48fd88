"""How a command of this package ends when something is not as it must be."""

import sys
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

FAILED = 2
"""Exit status of a command that could not do its work, apart from 1, which `leaks` gives for what it found."""


class OperationError(Exception):
    """Why a command stops, in one sentence that names the remedy."""


def run(command: Callable[[], int]) -> int:
    """The command's exit status, or FAILED after one sentence on standard error."""
    try:
        return command()
    except OperationError as error:
        sys.stderr.write(f"{error}\n")
    except ClientError as error:
        said = error.response["Error"]
        sys.stderr.write(f"AWS refused {error.operation_name}: {said.get('Code')}: {said.get('Message')}\n")
    except BotoCoreError as error:
        sys.stderr.write(f"AWS did not answer: {' '.join(str(error).split())}\n")
    return FAILED


def say(line: str) -> None:
    """Tells the user one thing, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
