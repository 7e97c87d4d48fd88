"""`python -m loadtests.bench.raw`: ONNX Runtime and the tokenizer alone, in one process: what no server can beat.

Reads one order a line from its standard input and answers each with one line of JSON. An order is a JSON object with
`texts`, and `batch`, how many of them are classified at a time.
"""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from services.fastapi_svc.classifier import Classifier, load


def times(classifier: Classifier, texts: list[str], batch: int) -> Iterator[float]:
    """Seconds of each batch, one after the other."""
    for start in range(0, len(texts), batch):
        began = time.perf_counter()
        classifier.classify(texts[start : start + batch])
        yield time.perf_counter() - began


def main(model_dir: str, threads: str) -> None:
    """Answer orders until there are no more."""
    classifier = load(Path(model_dir), threads=int(threads))
    for line in sys.stdin:
        order = json.loads(line)
        sys.stdout.write(json.dumps(list(times(classifier, order["texts"], order["batch"]))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
