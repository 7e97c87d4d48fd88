"""The model `sentiment` in Triton's Python backend: texts in, logits out, a dynamic batch at a time."""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import triton_python_backend_utils as pb_utils
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

_PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
_RUN_TOKENS, _MOST_TOKENS = 10, 1024
"""As in services/fastapi_svc/padding.py, which gives the reasons: the same texts run together on both paths."""


class TritonPythonModel:
    """One instance. Inputs and outputs are those of config.pbtxt; no message holds any of a request's text."""

    def initialize(self, args: Mapping[str, str]) -> None:
        """Verify model.onnx and tokenizer.json against the manifest, load them, and answer once.

        `args["model_repository"]` is the model's own folder; manifest.json lies two folders above it. MODEL_THREADS
        (default 1) is the number of threads of a run, because ONNX Runtime does not see the container's CPU limit.
        """
        folder = Path(args["model_repository"])
        root, files = folder.parent.parent, folder / args["model_version"]
        manifest = json.loads((root / "manifest.json").read_bytes())
        model, tokenizer = (_verified(root, files / name, manifest) for name in ("model.onnx", "tokenizer.json"))
        threads = int(os.environ.get("MODEL_THREADS", "1"))
        os.environ.setdefault("RAYON_NUM_THREADS", str(threads))  # the tokenizer would take every core that it sees
        available = ort.get_available_providers()
        providers = [provider for provider in _PROVIDERS if provider in available]
        self._one_run = providers[0] != "CPUExecutionProvider"  # to a GPU, padding costs less than another run
        self._session = ort.InferenceSession(model, _session_options(threads), providers=providers)
        self._tokenizer = Tokenizer.from_buffer(tokenizer)  # it cuts at max_tokens
        self._pad_id = (self._tokenizer.padding or {"pad_id": 0})["pad_id"]
        self._tokenizer.no_padding()
        # Of two builds side by side, each has its own name.
        served = manifest.get("versions", {}).get(args["model_version"], manifest)
        self._version = str(served["version"]).encode()
        self._logits(["warm-up"])

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """One response for each request, in order: LOGITS float32 [n, 2] and MODEL_VERSION [n, 1] for its n texts."""
        texts = [_texts(request) for request in requests]
        flat = [text for of_request in texts if of_request is not None for text in of_request]
        try:
            logits = self._logits(flat) if flat else np.zeros((0, 2), dtype=np.float32)
        except Exception as error:  # whatever the run raises, the batch is lost and the server goes on
            pb_utils.Logger.log_error(f"a batch of {len(flat)} failed: {type(error).__name__}")
            return [_failure("The model failed on this batch.") for _ in requests]
        responses, start = [], 0
        for of_request in texts:
            if of_request is None:
                responses.append(_failure("TEXT must hold one UTF-8 string for each item of the batch."))
                continue
            responses.append(self._response(logits[start : start + len(of_request)]))
            start += len(of_request)
        return responses

    def finalize(self) -> None:
        """Give the session's memory and threads back."""
        del self._session

    def _logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        logits = np.empty((len(texts), 2), dtype=np.float32)
        lengths = [len(encoding) for encoding in encodings]
        for run in [list(range(len(texts)))] if self._one_run else _runs(lengths):
            feeds = self._padded([encodings[position] for position in run])
            logits[run] = self._session.run(["logits"], feeds)[0]
        return logits

    def _padded(self, encodings: Sequence[Encoding]) -> dict[str, NDArray[np.int64]]:
        shape = len(encodings), max(map(len, encodings))
        ids, mask = np.full(shape, self._pad_id, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding)], mask[row, : len(encoding)] = encoding.ids, 1
        return {"input_ids": ids, "attention_mask": mask}

    def _response(self, logits: NDArray[np.float32]) -> Any:
        version = np.full((len(logits), 1), self._version, dtype=np.object_)
        return pb_utils.InferenceResponse(
            output_tensors=[pb_utils.Tensor("LOGITS", logits), pb_utils.Tensor("MODEL_VERSION", version)]
        )


def _session_options(threads: int) -> ort.SessionOptions:
    """For runs of many shapes: no memory pattern, of which one would be kept for each, and no thread that spins."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def _runs(lengths: Sequence[int]) -> list[list[int]]:
    """The positions of texts of such lengths, run by run, the longest first: all runs together take the least time."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    costs, starts = [0], [0]
    for end in range(1, len(order) + 1):
        best, start = costs[end - 1] + lengths[order[end - 1]], end - 1
        for first in range(end - 2, -1, -1):
            tokens = (end - first) * lengths[order[first]]
            if tokens > _MOST_TOKENS:
                break
            if costs[first] + tokens < best:
                best, start = costs[first] + tokens, first
        costs.append(best + _RUN_TOKENS)
        starts.append(start)
    found, end = [], len(order)
    while end:
        found.append(order[starts[end] : end])
        end = starts[end]
    return found


def _texts(request: Any) -> list[str] | None:
    """The texts of a request (TEXT, bytes [n, 1]), or None where they are not that."""
    values = pb_utils.get_input_tensor_by_name(request, "TEXT").as_numpy()
    if values.ndim != 2 or values.shape[1] != 1:
        return None
    try:
        return [value.decode() for value in values[:, 0]]
    except (UnicodeDecodeError, AttributeError):
        return None


def _failure(message: str) -> Any:
    return pb_utils.InferenceResponse(output_tensors=[], error=pb_utils.TritonError(message))


def _verified(root: Path, path: Path, manifest: Mapping[str, Any]) -> bytes:
    """The content of `path`, read once, so that what was hashed is what is loaded."""
    content = path.read_bytes()
    listed = manifest["files"].get(path.relative_to(root).as_posix(), {})
    if hashlib.sha256(content).hexdigest() != listed.get("sha256"):
        raise pb_utils.TritonModelException(f"The model's {path.name} does not match the manifest: fetch it again.")
    return content
