"""The engine that started the plugin, for what the user should read."""

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc


class Engine:
    """Log messages to the engine; before one is attached they are dropped."""

    def __init__(self, address: str = "") -> None:
        self._stub: engine_pb2_grpc.EngineStub | None = None
        self.attach(address)

    def attach(self, address: str) -> None:
        """Log to the engine at this address from now on."""
        if address:
            self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))

    def info(self, message: str, urn: str = "") -> None:
        """A note for the user, attached to a resource if its URN is given."""
        self._log(engine_pb2.INFO, message, urn)

    def warn(self, message: str, urn: str = "") -> None:
        """A warning for the user, attached to a resource if its URN is given."""
        self._log(engine_pb2.WARNING, message, urn)

    def _log(self, severity: engine_pb2.LogSeverity.ValueType, message: str, urn: str) -> None:
        if self._stub is not None:
            self._stub.Log(engine_pb2.LogRequest(severity=severity, message=message, urn=urn))
