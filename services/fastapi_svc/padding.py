"""Which texts of a batch run together: a text is padded to the longest of its run, and each run costs something too."""

from collections.abc import Sequence

RUN_TOKENS = 10
"""What a run costs besides its tokens, as many tokens' time: 0.8 ms against 0.085 ms a token (INT8, one core of 2024)."""
MOST_TOKENS = 1024
"""Most tokens of a run of several texts, padding included: beyond it a core's cache no longer holds what lies between
two layers, so that it would be slower as well as need more memory."""


def runs(lengths: Sequence[int], *, run_tokens: int = RUN_TOKENS, most_tokens: int = MOST_TOKENS) -> list[list[int]]:
    """The positions of texts of such lengths (in tokens), run by run, so that all runs together take the least time.

    Within a run the longest comes first, so its length is the run's. The same rule is in Triton's model.py, which is
    copied into the model repository and imports nothing of ours.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    costs, starts = [0], [0]
    for end in range(
        1, len(order) + 1
    ):  # the best way to run the `end` longest, by what the last of their runs starts with
        best, start = costs[end - 1] + lengths[order[end - 1]], end - 1
        for first in range(end - 2, -1, -1):
            tokens = (end - first) * lengths[order[first]]
            if tokens > most_tokens:
                break
            if costs[first] + tokens < best:
                best, start = costs[first] + tokens, first
        costs.append(best + run_tokens)
        starts.append(start)
    found, end = [], len(order)
    while end:
        found.append(order[starts[end] : end])
        end = starts[end]
    return found
