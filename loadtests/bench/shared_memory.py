"""Triton over gRPC with the texts in memory that it shares with who asks: requests say only where each is."""

import weakref
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate
from multiprocessing.shared_memory import SharedMemory

import grpc
from tritonclient.grpc import service_pb2

from loadtests.bench import paths
from loadtests.bench.callers import Connection
from loadtests.bench.credentials import LOOPBACK
from loadtests.bench.paths import Grpc, Server, Setting
from loadtests.bench.serving_figures import SHARED
from loadtests.measure import LoadTestError

_REGION = "texts"
_REGISTER = "/inference.GRPCInferenceService/SystemSharedMemoryRegister"


class SharedGrpc(Grpc):
    """All texts are there before the first request, which is more than who asks for the first time could have."""

    def __init__(self, name: str, port: int, texts: Sequence[str]) -> None:
        elements = [len(encoded).to_bytes(4, "little") + encoded for encoded in (text.encode() for text in texts)]
        self._memory = SharedMemory(create=True, size=sum(map(len, elements)))
        weakref.finalize(self, _remove, self._memory)
        super().__init__(name, port, [])
        mapped = self._memory.buf
        assert mapped is not None
        mapped[: sum(map(len, elements))] = b"".join(elements)
        ends = list(accumulate(map(len, elements)))
        self.requests = [
            _message(end - len(element), len(element)) for end, element in zip(ends, elements, strict=True)
        ]
        self._registered = False

    async def connect(self) -> Connection:
        """The connection that there is, over which Triton was told of the memory."""
        if not self._registered:
            request = service_pb2.SystemSharedMemoryRegisterRequest(
                name=_REGION, key=f"/{self._memory.name}", byte_size=self._memory.size
            )
            async with grpc.aio.insecure_channel(f"{LOOPBACK}:{self._port}") as channel:
                try:
                    await channel.unary_unary(_REGISTER)(request.SerializeToString(), timeout=10)
                except grpc.aio.AioRpcError as error:
                    raise LoadTestError(f"The {self.name} took no memory: {error.details()}") from None
            self._registered = True
        return await super().connect()


def triton(setting: Setting, port: int, texts: Sequence[str]) -> Server:
    """As `paths.triton` starts it, for gRPC."""
    return replace(paths.triton(setting, port, [], over_grpc=True), caller=SharedGrpc(SHARED, port, texts))


def _message(offset: int, size: int) -> bytes:
    """A ModelInferRequest of the text that is there."""
    request = service_pb2.ModelInferRequest(model_name="sentiment")
    tensor = request.inputs.add(name="TEXT", datatype="BYTES", shape=[1, 1])
    tensor.parameters["shared_memory_region"].string_param = _REGION
    tensor.parameters["shared_memory_offset"].int64_param = offset
    tensor.parameters["shared_memory_byte_size"].int64_param = size
    for name in ("LOGITS", "MODEL_VERSION"):
        request.outputs.add(name=name)
    return bytes(request.SerializeToString())


def _remove(memory: SharedMemory) -> None:
    memory.close()
    memory.unlink()
