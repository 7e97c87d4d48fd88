"""Settings from the environment, typed once."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Variables named FASTAPI_SVC_<NAME>."""

    model_config = SettingsConfigDict(env_prefix="FASTAPI_SVC_", frozen=True)

    model_dir: Path = Path("/model/repository/sentiment/1")
    """Holds model.onnx and tokenizer.json; the manifest lies three folders above."""
    threads: int = Field(default=1, ge=1, le=64)
    """Threads of one inference: the CPU request, because ONNX Runtime does not see the cgroup's limit."""
    concurrency: int = Field(default=1, ge=1, le=64)
    """Inferences at a time; `threads` times `concurrency` is the CPU that the service can use."""
    host: str = "0.0.0.0"  # noqa: S104 - a pod's own network namespace
    port: int = Field(default=8080, ge=1, le=65535)
    drain_s: int = Field(default=5, ge=0, le=60)
    """Seconds to serve after the order to stop, so that callers leave the connections that they keep."""
