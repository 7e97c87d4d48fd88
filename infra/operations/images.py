"""Images of others: infra/operations/images.yaml, typed, and where each lies in a stack's registry."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

FILE = Path(__file__).with_name("images.yaml")

UPSTREAMS: Mapping[str, str] = {"k8s": "registry.k8s.io", "ecr": "public.ecr.aws", "quay": "quay.io"}
"""Registries that ECR caches without credentials for them, by the last part of the cache's prefix.

Short, because a prefix has 30 characters at most:
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreatePullThroughCacheRule.html
"""

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]


class ThirdPartyImage(BaseModel):
    """An image by registry and repository, tag, and what the tag meant when its digest was recorded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    source: str = Field(pattern=r"^[a-z0-9.-]+\.[a-z]+/[a-z0-9./_-]+$")
    tag: str = Field(pattern=r"^[\w.-]+$")
    digest: Digest | None = None

    def repository(self, stack: str) -> str:
        """Its repository in the registry of the stack called `stack`: in the cache of its registry, or one of its own."""
        registry, _, path = self.source.partition("/")
        for prefix, upstream in UPSTREAMS.items():
            if registry == upstream:
                return f"{stack}/{prefix}/{path}"
        return f"{stack}/{self.name}"

    @property
    def cached(self) -> bool:
        """Whether ECR itself fetches it from its registry."""
        return self.source.partition("/")[0] in UPSTREAMS.values()


class ThirdPartyImages(BaseModel):
    """`images` run in the cluster; `bases` are what Dockerfiles begin with."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    images: tuple[ThirdPartyImage, ...]
    bases: tuple[ThirdPartyImage, ...]

    @classmethod
    def read(cls, file: Path = FILE) -> "ThirdPartyImages":
        """The images that `file` lists."""
        return cls.model_validate(yaml.safe_load(file.read_text()))
