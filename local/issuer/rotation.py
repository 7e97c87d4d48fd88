"""Another signing key, without a request refused: published first, used when the gateway knows it, and last the old one goes."""

import urllib.error
import urllib.request
from collections.abc import Callable

from local.issuer.keys import SigningKeys
from local.issuer.tokens import access_token
from local.processes import await_condition

KNOWN_WITHIN_S = 180
"""A kubelet brings a changed ConfigMap to its pods within a minute and a half, and the gateway reads it every few seconds."""
_PROBE_S = 60


def rotate(keys: SigningKeys, *, publish: Callable[[], None], gateway: str, say: Callable[[str], None]) -> None:
    """Sign with a new key from when the gateway at the URL `gateway` knows it; safe to repeat at any point.

    `publish` updates the cluster with the key set. Raises LocalError where the gateway does not learn of the key.
    """
    key = keys.add()
    publish()
    say(f"published {key.kid}; waiting for the gateway to know it")
    probe = access_token(key, scope="", lifetime_s=KNOWN_WITHIN_S + _PROBE_S)
    await_condition(
        lambda: knows(gateway, probe), what="That the gateway knows the new key", timeout_s=KNOWN_WITHIN_S, interval_s=2
    )
    keys.activate()
    say("signing with it; the keys before stay good until `python -m local issuer retire`")


def retire(keys: SigningKeys, *, publish: Callable[[], None], say: Callable[[str], None]) -> None:
    """Take out the keys that sign no more; tokens of theirs are refused as soon as the gateway has read the key set."""
    count = keys.retire()
    publish()
    say(f"took out {count} of the keys")


def knows(gateway: str, token: str) -> bool:
    """Whether the gateway refuses a token for its lack of scopes (403), and no longer for its key (401)."""
    request = urllib.request.Request(  # noqa: S310 - our own loopback address
        f"{gateway}/v1/classify", data=b"{}", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10):  # noqa: S310
            return False
    except urllib.error.HTTPError as error:
        return error.code == 403
    except OSError:
        return False
