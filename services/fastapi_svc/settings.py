"""Settings from the environment, typed once."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.fastapi_svc.batcher import Policy
from services.http.schemas import MAX_TEXTS


class Settings(BaseSettings):
    """Variables named FASTAPI_SVC_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="FASTAPI_SVC_", frozen=True)

    model_dir: Path = Path("/model/repository/sentiment/1")
    """Holds model.onnx and tokenizer.json; the manifest lies three folders above."""
    threads: int = Field(default=1, ge=1, le=64)
    """Threads of one inference: the CPU request, because ONNX Runtime does not see the cgroup's limit."""
    concurrency: int = Field(default=1, ge=1, le=64)
    """Batches at a time; `threads` times `concurrency` is the CPU that the service can use."""
    micro_batching: bool = True
    """Whether what several requests ask for runs together. False is the naive baseline: one request, one run."""
    max_batch: int = Field(default=32, ge=1, le=256)
    """Texts of a batch; like the next, as Triton's config.pbtxt has it (model_build/repository.py)."""
    batch_delay_us: int = Field(default=0, ge=0, le=1_000_000)
    """Microseconds that a request waits for company while nothing runs."""
    queue_size: int = Field(default=256, ge=MAX_TEXTS, le=65_536)
    """Texts that may wait; a request that would be more gets a 503 at once, rather than an answer too late."""
    host: str = "0.0.0.0"  # noqa: S104 - a pod's own network namespace
    port: int = Field(default=8080, ge=1, le=65535)
    drain_s: int = Field(default=5, ge=0, le=60)
    """Seconds to serve after the order to stop, so that callers leave the connections that they keep."""

    @property
    def policy(self) -> Policy:
        """How requests become batches."""
        return Policy(
            max_batch=self.max_batch if self.micro_batching else 1,
            delay_s=self.batch_delay_us / 1e6 if self.micro_batching else 0,
            queue_size=self.queue_size,
            concurrency=self.concurrency,
        )
