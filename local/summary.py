"""What a user wants to know at the end of `make up`."""

import sys

from local.stack import ADDRESSES


def show(took: dict[str, float]) -> None:
    """Print the addresses, the seconds of each phase, and what to try next."""
    out = sys.stdout.write
    out("\nThe stack is up.\n")
    for label, key in (
        ("gateway", "gateway"),
        ("FastAPI", "fastapi"),
        ("Triton, HTTP", "tritonHttp"),
        ("Triton, gRPC", "tritonGrpc"),
    ):
        out(f"  {label:<13} {ADDRESSES[key]}\n")
    out("Seconds by phase: " + ", ".join(f"{name} {seconds:.0f}" for name, seconds in took.items()) + "\n")
    out("Try next:\n")
    out("  curl -s -H \"Authorization: Bearer $(make -s token)\" -H 'Content-Type: application/json' \\\n")
    out(f'    -d \'{{"text": "The care was excellent."}}\' {ADDRESSES["gateway"]}/v1/classify\n')
    out("  make e2e      tests that talk to it        make policy-report STACK=local   the compliance report\n")
    out("  make outputs  addresses and kubeconfig     make down                        takes it all down\n")
