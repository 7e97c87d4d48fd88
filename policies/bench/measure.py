"""What is measured: the pack by itself, the real engine with it and without, and a preview of the program."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path

from pulumi.runtime.proto import analyzer_pb2

from local.engine import Engine, ensure_tools, stack_arguments
from policies.bench.stacks import request_of, stack_of
from policies.pack import Pack
from policies.record import Recorder
from policies.rules import RULES
from policies.server import Analyzer
from policies.waivers import load_waivers
from tests.policies import echo_engine

Timed = dict[str, list[float]]
"""Seconds of each run, `with` the pack and `without`."""


def judged(size: int, folder: Path) -> float:
    """Seconds of a processor that the pack takes to judge this many resources, one by one and together, and to record."""
    resources = [request_of(item) for item in stack_of(size)]
    requests = [
        analyzer_pb2.AnalyzeRequest(type=item.type, name=item.name, urn=item.urn, properties=item.properties)
        for item in resources
    ]
    whole = analyzer_pb2.AnalyzeStackRequest(resources=resources)
    with closing(Recorder(folder / f"{size}.jsonl")) as recorder:
        analyzer = Analyzer(Pack(RULES, load_waivers(), recorder))
        began = time.process_time()
        for request in requests:
            analyzer.Analyze(request, None)
        analyzer.AnalyzeStack(whole, None)
        return time.process_time() - began


def echoed(size: int, folder: Path, rounds: int) -> Timed:
    """Seconds of previews of this many resources whose provider answers with what it is given.

    Rules only warn, because the stack is cut off somewhere: the engine waits for seconds for a program that it stops.
    """
    folder.mkdir()
    engine = echo_engine.Engine.prepare(folder)
    engine.make(stack_of(size))
    levels = folder / "levels.json"
    levels.write_text(json.dumps({"all": "advisory"}))
    pack = (*echo_engine.PACK, "--policy-pack-config", str(levels))
    return in_turns(lambda options: engine.run("preview", "--stack", "dev", *options).check_returncode(), pack, rounds)


def previewed(stack: str, folder: Path, rounds: int) -> tuple[int, Timed]:
    """How many resources the program registers for an AWS stack without an account, and seconds of its previews."""
    ensure_tools(lambda line: None)
    results = folder / "results.jsonl"
    engine = Engine(
        directory=folder, stack=stack, policy_results=results, extra_environment=(("LOCAL_AWS_PREVIEW", "1"),)
    )
    engine.prepare({})
    alone = stack_arguments(stack)[:2]
    timed = in_turns(lambda pack: engine.run("preview", *alone, *pack), stack_arguments(stack)[2:], rounds)
    return len(results.with_name("sources.jsonl").read_text().splitlines()), timed


def in_turns(preview: Callable[[Sequence[str]], object], pack: Sequence[str], rounds: int) -> Timed:
    """Time both ways, another one first in each round, after one of each that warms up."""
    ways: list[tuple[str, Sequence[str]]] = [("with", pack), ("without", ())]
    timed: Timed = {name: [] for name, _ in ways}
    for _, options in ways:
        preview(options)
    for name, options in chain.from_iterable(ways[:: 1 if turn % 2 else -1] for turn in range(rounds)):
        began = time.perf_counter()
        preview(options)
        timed[name].append(time.perf_counter() - began)
    return timed
