"""What the comparison of the serving paths comes to: tables, and how far the goals are met."""

import statistics
from collections.abc import Mapping, Sequence

from loadtests.bench.serving_run import Figures

Rounds = Mapping[str, Sequence[Figures]]
RAW, NAIVE = "raw ONNX Runtime", "fastapi-svc naive"
SHARED = "Triton gRPC, shared memory"
"""No way that the stack offers: who may share memory with Triton may read what others ask it."""
OURS = ("fastapi-svc", "Triton HTTP", "Triton gRPC")
PEERS = ("BentoML", "LitServe", "Ray Serve")
LENT = {peer: f"{peer}, our padding" for peer in PEERS}
"""The peers once more, with our choice of which texts run together, so that only their serving differs from ours."""
_MIB = 1024 * 1024


def p50_ms(rounds: Sequence[Figures]) -> float:
    """Of one client, over all rounds."""
    return statistics.median(each for figures in rounds for each in figures.one_client_s) * 1000


def p95_ms(rounds: Sequence[Figures]) -> float:
    """Of many clients: the median of the rounds' 95th percentiles; 0 for raw, which nobody calls."""
    return statistics.median(
        statistics.quantiles(figures.many_s, n=20)[18] if figures.many_s else 0.0 for figures in rounds
    ) * 1000  # fmt: skip


def per_s(rounds: Sequence[Figures]) -> float:
    """Requests a second at saturation, the median of the rounds."""
    return statistics.median(figures.per_s for figures in rounds)


def share_of(rounds: Rounds, path: str, other: str) -> float:
    """Throughput to another's: the median over the rounds, each of which had both within minutes."""
    pairs = zip(rounds[path], rounds[other], strict=True)
    return statistics.median(mine.per_s / theirs.per_s for mine, theirs in pairs)


def table(rounds: Rounds, *, clients: int) -> str:
    """Every path, in Markdown."""
    lines = [
        f"| path | p50 of one client, ms | over raw, ms | requests/s, {clients} clients | of raw | p95, ms "
        "| server's CPU, ms a request | of raw by CPU | caller's core, % | memory, MiB |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for path, measured in rounds.items():
        requests = [figures.per_s for figures in measured]
        busy = statistics.median(_seconds_a_request(figures, "caller") * figures.per_s for figures in measured)
        lines.append(
            f"| {path} | {p50_ms(measured):.2f} | {p50_ms(measured) - p50_ms(rounds[RAW]):+.2f} "
            f"| {statistics.median(requests):.1f} | {share_of(rounds, path, RAW):.3f} | {p95_ms(measured):.0f} "
            f"| {_server_ms(measured):.2f} | {_server_ms(rounds[RAW]) / _server_ms(measured):.3f} "
            f"| {busy * 100:.0f} | {max(each.resident for each in measured) / _MIB:.0f} |"
        )
    return "\n".join(lines)


def _server_ms(rounds: Sequence[Figures]) -> float:
    return statistics.median(_seconds_a_request(figures, "server") for figures in rounds) * 1000


def _seconds_a_request(figures: Figures, whose: str) -> float:
    return float(getattr(figures, f"{whose}_cpu_s")) / figures.requests


def goals(rounds: Rounds) -> str:
    """Each goal, what was measured and whether that meets it, in Markdown."""
    lines = ["| goal | path | measured | met |", "|---|---|--:|---|"]
    peers, lent = ([peer for peer in names if peer in rounds] for names in (PEERS, LENT.values()))
    for path in (path for path in OURS if path in rounds):
        over = p50_ms(rounds[path]) - p50_ms(rounds[RAW])
        checks = [
            ("throughput at least 0.95 of raw", share_of(rounds, path, RAW), ".3f", 0.95, True),
            ("p50 of one client at most 1.5 ms over raw", over, ".2f", 1.5, False),
        ]
        if peers:
            best = max(peers, key=lambda peer: per_s(rounds[peer]))
            quick = min(p95_ms(rounds[peer]) for peer in peers)
            checks += [
                (f"throughput at least 1.3 of the best peer ({best})", share_of(rounds, path, best), ".2f", 1.3, True),
                ("p95 at most 0.8 of the best peer", p95_ms(rounds[path]) / quick, ".2f", 0.8, False),
            ]
        for goal, value, form, bound, least in checks:
            met = value >= bound if least else value <= bound
            lines.append(f"| {goal} | {path} | {value:{form}} | {'yes' if met else 'no'} |")
        if lent:
            best = max(lent, key=lambda peer: per_s(rounds[peer]))
            lines.append(f"| none: throughput to {best} | {path} | {share_of(rounds, path, best):.2f} | |")
    return "\n".join(lines)
