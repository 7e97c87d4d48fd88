"""`python -m local COMMAND`: what the Makefile's targets call."""

import argparse
import json
import secrets
import sys
from typing import Any

from local import forward, preview, report, summary, toolchain
from local.errors import LocalError
from local.stack import LocalStack
from local.toolchain.programs import PROGRAMS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m local", description="The embedded stack: emulated AWS, real Kubernetes."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="bring the stack up and ask it for a prediction")
    commands.add_parser("down", help="take the stack down and remove what it left")
    outputs = commands.add_parser("outputs", help="print a stack's outputs as JSON")
    outputs.add_argument(
        "--stack", default="local", help="local (default), or a stack that you deployed with `pulumi up`"
    )
    token = commands.add_parser("token", help="print a bearer token for the gateway")
    token.add_argument("--scope", default="classify", help="space-separated scopes (default: classify)")
    issuer = commands.add_parser("issuer", help="change the keys that the local issuer signs tokens with")
    issuer.add_argument(
        "what",
        choices=["rotate", "retire"],
        help="rotate: sign with a new key; retire: refuse tokens of the keys before",
    )
    commands.add_parser("kubectl-path", help="print the path of the kubectl that fits the cluster")
    commands.add_parser("tools", help="build the missing tools and print where each comes from")
    policy_report = commands.add_parser(
        "policy-report", help="write reports/STACK/ from what the policy pack recorded last"
    )
    policy_report.add_argument("stack", choices=["local", "dev", "prod"])
    commands.add_parser(
        "loadtest",
        help="compare the three paths with k6, into reports/loadtest; takes the options of `python -m loadtests.compare`",
    )
    other = commands.add_parser("preview", help="preview an AWS stack with no account and no network")
    other.add_argument("stack", choices=["dev", "prod"])
    rehearse = commands.add_parser(
        "rehearse", help="apply, kill, finish and destroy an AWS stack in the emulated account"
    )
    rehearse.add_argument("stack", choices=["dev", "prod"])
    rehearse.add_argument("--kills", type=int, default=3, help="how often the update is killed (default: 3)")
    rehearse.add_argument("--seed", type=int, help="of the moments at which it is killed (default: a new one)")
    return parser


def _tools() -> None:
    toolchain.ensure([program.name for program in PROGRAMS])
    for program in PROGRAMS:
        print(f"{program.name:<28} {toolchain.origin(program.name)}")


def _outputs(stack: str) -> dict[str, Any]:
    return LocalStack().outputs() if stack == "local" else preview.outputs(stack)


def _rehearse(stack: str, kills: int, seed: int | None) -> int:
    from local.rehearsal import Rehearsal  # imports pulumi-aws, which takes seconds

    seed = secrets.randbelow(2**16) if seed is None else seed
    print(f"rehearsing {stack} with {kills} kills, seed {seed}")
    outcome = Rehearsal(stack).run(kills=kills, seed=seed, say=print)
    print(f"{outcome.resources} resources after {kills} killed updates (begun in each: {outcome.kills})")
    for what, items in (("not in the state", outcome.unknown), ("left by destroying", outcome.remaining)):
        print(f"{len(items)} resources {what}")
        for item in items:
            print(f"  {item.kind} {item.id}")
    return 1 if outcome.unknown or outcome.remaining else 0


def main(arguments: list[str]) -> int:
    """Run one command; exit status 0, or 1 after one sentence on standard error."""
    parser = _parser()
    options, others = parser.parse_known_args(arguments)
    if others and options.command != "loadtest":
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    try:
        match options.command:
            case "up":
                summary.show(LocalStack().up())
            case "down":
                LocalStack().down(print)
            case "outputs":
                print(json.dumps(_outputs(options.stack), indent=2))
            case "token":
                print(LocalStack().token(options.scope))
            case "issuer" if options.what == "rotate":
                LocalStack().rotate_issuer(print)
            case "issuer":
                LocalStack().retire_issuer(print)
            case "kubectl-path":
                print(forward.kubectl())
            case "tools":
                _tools()
            case "policy-report":
                return report.write(options.stack)
            case "loadtest":
                return LocalStack().loadtest(others)
            case "preview":
                preview.preview(options.stack, print)
            case "rehearse":
                return _rehearse(options.stack, options.kills, options.seed)
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted: run the same command again and it goes on from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
