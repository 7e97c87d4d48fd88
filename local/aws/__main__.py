"""The plugin process: `python -m local.aws [engine address]` serves the provider and prints its port."""

import signal
import sys
from concurrent import futures

import grpc
from pulumi.runtime.proto import provider_pb2_grpc as rpc

from local.aws.endpoint import emulator_endpoint
from local.aws.engine import Engine
from local.aws.provider import Provider

_MESSAGE_LIMIT = 400 * 1024 * 1024  # the engine's own


def main() -> None:
    """Serve until the engine ends the process."""
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    engine = Engine(addresses[0] if addresses else "")
    limits = [("grpc.max_receive_message_length", _MESSAGE_LIMIT), ("grpc.max_send_message_length", _MESSAGE_LIMIT)]
    server = grpc.server(futures.ThreadPoolExecutor(16), options=limits)
    rpc.add_ResourceProviderServicer_to_server(Provider(engine, endpoint=emulator_endpoint), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    # The engine interrupts its plugins when it is done with them, and waits five seconds for those that do not end.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: server.stop(grace=1))
    print(port, flush=True)
    server.wait_for_termination()


main()
