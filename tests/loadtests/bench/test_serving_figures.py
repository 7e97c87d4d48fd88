"""What rounds of figures come to."""

from loadtests.bench.serving_figures import RAW, goals, p95_ms, share_of, table
from loadtests.bench.serving_run import Figures


def figures(*, per_s: float, one_ms: float = 5.0, many_ms: float = 100.0, cpu_s: float = 0.0) -> Figures:
    return Figures(
        one_client_s=[one_ms / 1000] * 10,
        many_s=[] if cpu_s else [many_ms / 1000] * 100,
        requests=100,
        per_s=per_s,
        server_cpu_s=cpu_s or 100 / per_s,
        caller_cpu_s=0.1,
        resident=200 * 1024 * 1024,
    )


ROUNDS = {
    RAW: [figures(per_s=100, cpu_s=1.0), figures(per_s=50, cpu_s=2.0), figures(per_s=100, cpu_s=1.0)],
    "fastapi-svc": [figures(per_s=96), figures(per_s=48), figures(per_s=90)],
    "Triton gRPC": [figures(per_s=94, one_ms=6.6, many_ms=90)] * 3,
    "BentoML": [figures(per_s=60, one_ms=7.0, many_ms=110)] * 3,
    "Ray Serve": [figures(per_s=40, one_ms=9.0, many_ms=300)] * 3,
}


def rows(markdown: str) -> dict[str, list[str]]:
    """Cells by the first one, or by the first two of the goals."""
    found = {}
    for line in markdown.splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        found[cells[0] if len(cells) > 4 else f"{cells[1]}: {cells[0]}"] = cells
    return found


def test_a_ratio_is_taken_within_a_round() -> None:
    """A round in which the whole machine was slow says as much as the others."""
    assert share_of(ROUNDS, "fastapi-svc", RAW) == 0.96


def test_the_table_has_every_path_beside_raw() -> None:
    """Raw, which nobody calls, is the reference itself."""
    found = rows(table(ROUNDS, clients=64))
    assert list(found) == list(ROUNDS)
    assert found[RAW][1:5] == ["5.00", "+0.00", "100.0", "1.000"]
    assert found["Triton gRPC"][1:4] == ["6.60", "+1.60", "94.0"]
    assert found["BentoML"][5:] == ["110", "16.67", "0.600", "6", "200"]


def test_goals_are_judged_by_what_was_measured() -> None:
    """Each of ours against raw and against the best peer, which is another one where latency counts or throughput."""
    found = {name: cells[2:] for name, cells in rows(goals(ROUNDS)).items()}
    assert found["fastapi-svc: throughput at least 0.95 of raw"] == ["0.960", "yes"]
    assert found["Triton gRPC: throughput at least 0.95 of raw"] == ["0.940", "no"]
    assert found["Triton gRPC: p50 of one client at most 1.5 ms over raw"] == ["1.60", "no"]
    assert found["Triton gRPC: throughput at least 1.3 of the best peer (BentoML)"] == ["1.57", "yes"]
    assert found["fastapi-svc: p95 at most 0.8 of the best peer"] == ["0.91", "no"]


def test_what_is_left_when_peers_pad_as_we_do_is_shown_beside_the_goals() -> None:
    """No goal speaks of it, so it is neither met nor missed."""
    found = rows(goals(ROUNDS | {"LitServe, our padding": [figures(per_s=80)] * 3}))
    assert found["Triton gRPC: none: throughput to LitServe, our padding"][2:] == ["1.18", ""]


def test_without_peers_there_are_only_the_goals_against_raw() -> None:
    """A run with --only needs no peer."""
    assert len(rows(goals({name: ROUNDS[name] for name in (RAW, "fastapi-svc")}))) == 2


def test_raw_has_no_latency_of_many() -> None:
    """Nobody calls it."""
    assert p95_ms(ROUNDS[RAW]) == 0
