"""Asking Triton about texts in shared memory, against a server that reads them there."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import grpc
import pytest
from tritonclient.grpc import service_pb2

from loadtests.bench.load import one_after_other
from loadtests.bench.shared_memory import SharedGrpc
from loadtests.measure import LoadTestError

TEXTS = ["Zürich was kind", "bad"]


class Reader:
    """Takes a region and reads what the requests name in it."""

    def __init__(self) -> None:
        self.regions: dict[str, str] = {}
        self.read: list[bytes] = []

    def register(self, request: Any, _: grpc.ServicerContext) -> Any:
        """SystemSharedMemoryRegister."""
        self.regions[request.name] = request.key.removeprefix("/")
        return service_pb2.SystemSharedMemoryRegisterResponse()

    def infer(self, request: Any, _: grpc.ServicerContext) -> Any:
        """ModelInfer."""
        asked = request.inputs[0].parameters
        start, size = asked["shared_memory_offset"].int64_param, asked["shared_memory_byte_size"].int64_param
        memory = SharedMemory(self.regions[asked["shared_memory_region"].string_param])
        assert memory.buf is not None
        self.read.append(bytes(memory.buf[start : start + size]))
        memory.close()
        return service_pb2.ModelInferResponse(model_name="sentiment")


def serving(reader: Reader) -> tuple[grpc.Server, int]:
    """A server, and its port."""
    kinds = {
        "SystemSharedMemoryRegister": (reader.register, service_pb2.SystemSharedMemoryRegisterRequest),
        "ModelInfer": (reader.infer, service_pb2.ModelInferRequest),
    }
    handlers = {
        name: grpc.unary_unary_rpc_method_handler(answer, kind.FromString, lambda message: message.SerializeToString())
        for name, (answer, kind) in kinds.items()
    }
    server = grpc.server(ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("inference.GRPCInferenceService", handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def test_each_request_names_the_place_of_its_text() -> None:
    """It has none of the text itself."""
    reader = Reader()
    server, port = serving(reader)
    try:
        caller = SharedGrpc("Triton", port, TEXTS)
        asyncio.run(one_after_other(caller, caller.requests))
    finally:
        server.stop(None).wait()
    assert reader.read == [len(text.encode()).to_bytes(4, "little") + text.encode() for text in TEXTS]
    assert not any(text.encode() in request for text, request in zip(TEXTS, caller.requests, strict=True))


def test_the_memory_goes_with_the_caller() -> None:
    """Nothing of a run stays behind."""
    caller = SharedGrpc("Triton", 1, TEXTS)
    name = caller._memory.name
    del caller
    with pytest.raises(FileNotFoundError):
        SharedMemory(name)


def test_a_server_that_takes_no_memory_is_one_sentence() -> None:
    """As one is that does not answer."""
    caller = SharedGrpc("Triton", 1, TEXTS)
    with pytest.raises(LoadTestError, match="Triton took no memory"):
        asyncio.run(one_after_other(caller, caller.requests))
