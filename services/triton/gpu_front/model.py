"""The model `sentiment` on a GPU: tokenises a dynamic batch, and has `sentiment_encoder` answer it in one run.

The encoder is a model of ONNX Runtime's own backend. Texts are padded to the longest of their batch here, where the batch is
known: an ensemble would have to pad each request by itself, and requests of different lengths could not share a batch then.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import triton_python_backend_utils as pb_utils
from numpy.typing import NDArray
from tokenizers import Tokenizer

_ENCODER = "sentiment_encoder"


class TritonPythonModel:
    """One instance. Inputs and outputs are those of config.pbtxt; no message holds any of a request's text."""

    def initialize(self, args: Mapping[str, str]) -> None:
        """Verify the tokenizer and the encoder's weights against the manifest, and load the tokenizer.

        `args["model_repository"]` is the model's own folder; manifest.json lies two folders above it.
        """
        folder, number = Path(args["model_repository"]), args["model_version"]
        root = folder.parent.parent
        manifest = json.loads((root / "manifest.json").read_bytes())
        _verified(root, folder.parent / _ENCODER / number / "model.onnx", manifest)
        tokenizer = _verified(root, folder / number / "tokenizer.json", manifest)
        self._tokenizer = Tokenizer.from_buffer(tokenizer)  # pads to the longest text and cuts at max_tokens
        self._number = int(number)
        self._version = str(manifest["versions"][number]["version"]).encode()

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

    def _logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        encodings = self._tokenizer.encode_batch(list(texts))
        feeds = {
            "input_ids": np.array([encoding.ids for encoding in encodings], dtype=np.int64),
            "attention_mask": np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64),
        }
        answer = pb_utils.InferenceRequest(
            model_name=_ENCODER,
            model_version=self._number,
            requested_output_names=["logits"],
            inputs=[pb_utils.Tensor(name, values) for name, values in feeds.items()],
            preferred_memory=pb_utils.PreferredMemory(pb_utils.TRITONSERVER_MEMORY_CPU, 0),
        ).exec()
        if answer.has_error():
            raise RuntimeError("the encoder failed")
        return np.asarray(pb_utils.get_output_tensor_by_name(answer, "logits").as_numpy(), dtype=np.float32)

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
    """The content of `path`; raises TritonModelException unless it is what the manifest lists."""
    content = path.read_bytes()
    listed = manifest["files"].get(path.relative_to(root).as_posix(), {})
    if hashlib.sha256(content).hexdigest() != listed.get("sha256"):
        raise pb_utils.TritonModelException(f"The model's {path.name} does not match the manifest: fetch it again.")
    return content
