"""A Kubernetes provider plugin that accepts every object as it is: the cluster that an emulated account does not have.

`python -m policies.checkov.accepting_provider` serves and prints its port, as the engine expects of a plugin.
"""

import os
from concurrent import futures
from typing import Any

import grpc
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc


class AcceptingProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Creates nothing; an object's outputs are its inputs, with a name where it was given none."""

    def GetPluginInfo(self, request: Any, context: Any) -> Any:
        return plugin_pb2.PluginInfo(version="0.0.0")

    def CheckConfig(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=request.news)

    def Configure(self, request: Any, context: Any) -> Any:
        return provider_pb2.ConfigureResponse(acceptSecrets=True)

    def Check(self, request: Any, context: Any) -> Any:
        return provider_pb2.CheckResponse(inputs=named(request.news, request.urn.rpartition("::")[2]))

    def Create(self, request: Any, context: Any) -> Any:
        return provider_pb2.CreateResponse(id=request.urn.rpartition("::")[2], properties=request.properties)


def named(inputs: struct_pb2.Struct, name: str) -> struct_pb2.Struct:
    """The inputs with `metadata.name`; the real provider adds random letters to a name that it makes up."""
    values = json_format.MessageToDict(inputs)
    values["metadata"] = {"name": name, **(values.get("metadata") or {})}
    filled = struct_pb2.Struct()
    filled.update(values)
    return filled


def serve(provider: provider_pb2_grpc.ResourceProviderServicer) -> None:
    """Serve on a free port of the loopback interface, say which, and go on until the engine ends the process."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    os.write(1, f"{port}\n".encode())
    server.wait_for_termination()


if __name__ == "__main__":
    serve(AcceptingProvider())
