"""A plugin in this process, called with the engine's own messages."""

from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2 as pb

from local.aws.codec import decode_struct, encode_struct
from local.aws.engine import Engine
from local.aws.provider import Provider


class Listener(Engine):
    """An engine that keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def _log(self, severity: Any, message: str, urn: str) -> None:
        self.heard.append(message)


class Aborted(Exception):
    """What gRPC raises when a call is aborted."""


class Context:
    """The part of a gRPC call that the provider uses."""

    def abort(self, code: grpc.StatusCode, details: str) -> None:
        """End the call with this text, as the engine shows it."""
        raise Aborted(details)


class Plugin:
    """A provider with shorter calls."""

    def __init__(self, endpoint: str) -> None:
        self.engine = Listener()
        self.provider = Provider(self.engine, endpoint=lambda: endpoint)
        self.configure({"defaultTags": '{"tags": {"owner": "platform"}}', "region": "us-east-1"})

    def configure(self, config: dict[str, Any]) -> Any:
        """Configure with provider inputs as the engine sends them: JSON text for all but strings."""
        return self.provider.Configure(pb.ConfigureRequest(args=encode_struct(config)), Context())

    def check(
        self, kind: str, news: dict[str, Any], olds: dict[str, Any] | None = None, **more: Any
    ) -> tuple[Any, list[str]]:
        """The checked inputs and the reasons of failures."""
        answer = self.provider.Check(
            pb.CheckRequest(
                urn=urn(kind), news=encode_struct(news), olds=encode_struct(olds or {}), randomSeed=b"\x01" * 32, **more
            ),
            Context(),
        )
        return decode_struct(answer.inputs), [failure.reason for failure in answer.failures]

    def create(self, kind: str, inputs: dict[str, Any], *, preview: bool = False) -> tuple[str, dict[str, Any]]:
        """The id and the outputs."""
        request = pb.CreateRequest(urn=urn(kind), properties=encode_struct(inputs), preview=preview)
        answer = self.provider.Create(request, Context())
        return answer.id, decode_struct(answer.properties)

    def diff(self, kind: str, olds: dict[str, Any], news: dict[str, Any], **more: Any) -> Any:
        """The engine's DiffResponse."""
        return self.provider.Diff(
            pb.DiffRequest(urn=urn(kind), old_inputs=encode_struct(olds), news=encode_struct(news), **more), Context()
        )

    def read(self, kind: str, identity: str, state: dict[str, Any], inputs: dict[str, Any]) -> tuple[str, Any, Any]:
        """Id, outputs and inputs; an empty id for what is gone."""
        request = pb.ReadRequest(
            urn=urn(kind), id=identity, properties=encode_struct(state), inputs=encode_struct(inputs)
        )
        answer = self.provider.Read(request, Context())
        return answer.id, decode_struct(answer.properties), decode_struct(answer.inputs)


def urn(kind: str) -> str:
    """The URN of a resource `x` inside a component."""
    return f"urn:pulumi:local::inference::inference:network:Network${kind}::x"
