"""Asks the gateway for one real prediction."""

import json
import urllib.error
import urllib.request
from typing import Any

from local.errors import LocalError
from local.processes import await_condition

SENTENCE = (
    "Maria Lopez (maria.lopez@example.org, 555-867-5309) told us on 03/14/2024 that the night nurse was wonderful."
)


def await_ready(url: str, *, timeout_s: float) -> None:
    """Return when `url`/readyz answers 200; raises LocalError when it does not within `timeout_s`."""
    await_condition(lambda: _answers(f"{url}/readyz"), what=f"A ready answer from {url}/readyz", timeout_s=timeout_s)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own loopback address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def classify(url: str, token: str, text: str) -> dict[str, Any]:
    """The gateway's answer for one text; raises LocalError, naming the status, when it refuses."""
    request = urllib.request.Request(  # noqa: S310 - our own loopback address
        f"{url}/v1/classify",
        data=json.dumps({"text": text}).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        raise LocalError(
            f"The gateway answered {error.code} to a valid request: see `kubectl logs -n gateway deploy/gateway`."
        ) from None
