"""A certificate that is renewed while callers ask without a pause, over TLS on both sides of the gateway."""

import asyncio
import ssl
from pathlib import Path

import uvicorn

from services.gateway.clock import SystemClock
from services.gateway.rotation import Rotation
from services.gateway.tls import identity_files
from tests.pki import mount
from tests.services.gateway.fake_triton import AUTHORITY, LOOPBACK, FakeTritonServer, asking, serving
from tests.services.gateway.harness import Harness, bearer
from tests.services.gateway.test_tls import settings
from tests.services.http.kept import KeptConnection, listening

RENEWALS = 3


class Callers:
    """Half of them keep their connections, the others make a new one for each request; all verify the certificate."""

    def __init__(self, port: int) -> None:
        trusting = ssl.create_default_context(cadata=AUTHORITY.pem.decode())
        self.answered = 0
        self._calling = True
        self._tasks = [
            asyncio.create_task(self._call(KeptConnection(port, headers=bearer(), tls=trusting), kept=number % 2 == 0))
            for number in range(6)
        ]

    async def _call(self, connection: KeptConnection, *, kept: bool) -> None:
        while self._calling:
            answer = await connection.post()
            assert answer.status == 200
            self.answered += 1
            if not kept:
                connection.close()
        connection.close()

    async def go_on_for(self, answers: int) -> None:
        """Wait for so many more answers, or for the first failure."""
        until = self.answered + answers
        while self.answered < until and not any(task.done() for task in self._tasks):
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Raises what a caller met."""
        self._calling = False
        await asyncio.gather(*self._tasks)


def test_no_request_is_lost(tmp_path: Path) -> None:
    """Every request is answered and on record, and Triton and callers have seen each certificate."""
    leaves = [AUTHORITY.leaf(LOOPBACK) for _ in range(1 + RENEWALS)]
    mount(tmp_path, leaves[0], AUTHORITY.pem)
    rotation, triton = Rotation(identity_files(settings(tmp_path))), FakeTritonServer()
    harness = Harness(clock=SystemClock(), rotation=rotation)

    async def run() -> int:
        async with (
            serving(triton) as triton_port,
            asking(f"dns:///{LOOPBACK}:{triton_port}", lambda: rotation.identity) as harness.triton,
        ):
            config = uvicorn.Config(
                harness.app(), port=0, log_config=None, ssl_context_factory=lambda *_: rotation.context
            )
            async with listening(uvicorn.Server(config)) as (port, _):
                callers = Callers(port)
                await callers.go_on_for(answers=50)
                for leaf in leaves[1:]:
                    mount(tmp_path, leaf, AUTHORITY.pem)
                    rotation.check()
                    assert await asyncio.to_thread(_shown, port) == leaf.chain
                    await callers.go_on_for(answers=50)
                await callers.stop()
                return callers.answered

    answered = asyncio.run(asyncio.wait_for(run(), timeout=120))
    assert [line["status"] for line in harness.audit_lines()] == [200] * answered
    assert triton.asked_by == {leaf.serial for leaf in leaves}


def _shown(port: int) -> bytes:
    return ssl.get_server_certificate((LOOPBACK, port)).encode()
