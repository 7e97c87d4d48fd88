"""Ray Serve: `python -m loadtests.peers.ray.service`."""

import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Sequence

import ray  # type: ignore[import-not-found]
from ray import serve
from starlette.requests import Request
from starlette.responses import JSONResponse

from loadtests.peers.model import DELAY_S, MAX_BATCH, PORT, Answer, load


@serve.deployment(
    max_ongoing_requests=1024, ray_actor_options={"num_cpus": 1}, logging_config={"enable_access_log": False}
)
class Sentiment:
    """One replica; a batch starts when it is full or its first text has waited long enough."""

    def __init__(self) -> None:
        self._model = load()

    @serve.batch(max_batch_size=MAX_BATCH, batch_wait_timeout_s=DELAY_S)  # type: ignore[untyped-decorator]
    async def classify(self, texts: Sequence[str]) -> list[Answer]:
        """One answer for each text of a batch."""
        return self._model(texts)

    async def __call__(self, request: Request) -> JSONResponse:
        """One request."""
        return JSONResponse(await self.classify((await request.json())["text"]))


def main() -> None:
    """Serve until SIGTERM."""
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)  # else Ray keeps one in the home folder
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that Ray's own processes are stopped at exit
    with tempfile.TemporaryDirectory(prefix="ray") as folder:  # short: Ray makes sockets in it
        settings = {name: value for name, value in os.environ.items() if name.startswith("PEER_")}
        ray.init(
            address="local",
            num_cpus=2,
            include_dashboard=False,
            object_store_memory=128 * 1024 * 1024,
            runtime_env={"env_vars": settings},
            _node_ip_address="127.0.0.1",
            _temp_dir=folder,
        )
        try:
            serve.start(http_options={"host": "127.0.0.1", "port": PORT})
            serve.run(Sentiment.bind(), blocking=True)  # type: ignore[attr-defined]
        finally:
            ray.shutdown()  # before the folder goes, or Ray writes to it again


if __name__ == "__main__":
    main()
