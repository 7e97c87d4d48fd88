"""Builds the images of the services from their Dockerfiles: `build_all`, or `python -m local.images build`."""

from local.images.archive import BuiltImage
from local.images.build import build_all
from local.images.engines import packages

__all__ = ["BuiltImage", "build_all", "packages"]
