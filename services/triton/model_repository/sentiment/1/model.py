"""The model `sentiment` in Triton's Python backend: texts in, logits out, a whole dynamic batch in one run."""

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
from tokenizers import Tokenizer

_PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")


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
        options = ort.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("MODEL_THREADS", "1"))
        options.inter_op_num_threads = 1
        available = ort.get_available_providers()
        self._session = ort.InferenceSession(model, options, providers=[p for p in _PROVIDERS if p in available])
        self._tokenizer = Tokenizer.from_buffer(tokenizer)  # pads to the longest text and cuts at max_tokens
        self._version = str(manifest["version"]).encode()
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
        encodings = self._tokenizer.encode_batch(list(texts))
        feeds = {
            "input_ids": np.array([encoding.ids for encoding in encodings], dtype=np.int64),
            "attention_mask": np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64),
        }
        return np.asarray(self._session.run(["logits"], feeds)[0], dtype=np.float32)

    def _response(self, logits: NDArray[np.float32]) -> Any:
        version = np.full((len(logits), 1), self._version, dtype=np.object_)
        return pb_utils.InferenceResponse(
            output_tensors=[pb_utils.Tensor("LOGITS", logits), pb_utils.Tensor("MODEL_VERSION", version)]
        )


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
