"""Where the emulator answers: the local stack's, or one inside the plugin where a stack is only previewed."""

import os
import threading
from functools import cache
from urllib.parse import urlparse

from local.aws.api import ApiError

_PREVIEW_ONLY = "LOCAL_AWS_PREVIEW"
_lock = threading.Lock()


def preview_only() -> bool:
    """Whether the plugin serves `make preview`: no account, no network, and nothing may be created."""
    return os.environ.get(_PREVIEW_ONLY) == "1"


def emulator_endpoint() -> str:
    """The emulator's URL; raises ApiError rather than ever letting a call go to AWS itself."""
    if preview_only():
        with _lock:
            return _inside()
    url = os.environ.get("AWS_ENDPOINT_URL", "")
    if not url or (urlparse(url).hostname or "").endswith((".amazonaws.com", ".aws", ".amazonaws.com.cn")):
        raise ApiError("AWS_ENDPOINT_URL must be the emulator's address: run this stack with `make up`.")
    return url


@cache
def _inside() -> str:
    from local.aws.emulator import start_here  # takes a second to import, and only previews need it

    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
    return start_here()[1]
