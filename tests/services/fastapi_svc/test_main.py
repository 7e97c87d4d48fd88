"""`python -m services.fastapi_svc` as a process."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

REPO = Path(__file__).parents[3]


def start(**variables: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "services.fastapi_svc"],
        cwd=REPO,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {f"FASTAPI_SVC_{name}": value for name, value in variables.items()},
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("THREADS", "many"),
        ("THREADS", "0"),
        ("PORT", "65536"),
        ("DRAIN_S", "61"),
        ("MAX_BATCH", "0"),
        ("QUEUE_SIZE", "31"),
        ("MICRO_BATCHING", "perhaps"),
    ],
)
def test_a_bad_setting_is_one_sentence_and_status_2(name: str, value: str) -> None:
    """The sentence names the variable."""
    with start(**{name: value}) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert errors.strip().splitlines() == [
        f"Bad settings: correct FASTAPI_SVC_{name} (see services/fastapi_svc/settings.py)."
    ]


def test_a_missing_model_is_one_sentence_and_status_1(tmp_path: Path) -> None:
    """Nothing listens without a verified model."""
    with start(MODEL_DIR=str(tmp_path / "a" / "b" / "c")) as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.strip() == "The model's manifest.json is missing; fetch the model first."


def healthy(port: int) -> bool:
    """Whether a load balancer would go on."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as response:
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        return False


def test_serves_until_sigterm_without_logging_texts(model_dir: Path) -> None:
    """It answers, drains on SIGTERM, ends in order on the second, and what it printed holds no text."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with start(MODEL_DIR=str(model_dir), HOST="127.0.0.1", PORT=str(port), DRAIN_S="60") as process:
        assert process.stderr
        printed = []
        for line in process.stderr:  # until it says that it listens
            printed.append(line)
            if "Uvicorn running" in line:
                break
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/v1/classify",
            data=b'{"text": "good Jane"}',
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            assert b"POSITIVE" in response.read()
        assert healthy(port)
        process.send_signal(signal.SIGTERM)
        while healthy(port):
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        out, errors = process.communicate(timeout=60)
    assert process.returncode in (0, -signal.SIGTERM)
    assert "Finished server process" in errors
    assert "Jane" not in "".join(printed) + out + errors
