"""The node's image store: containerd's, in the namespace that the kubelet uses."""

import subprocess
import tarfile
from pathlib import Path

from local.errors import LocalError
from local.node.component import ENVIRONMENT
from local.node.image import ProgramImage, manifest_digest
from local.node.layout import Layout


def store(layout: Layout, image: ProgramImage) -> None:
    """Make one of the node's own images available; idempotent."""
    if not _present(layout, image.reference):
        archive = layout.images / f"{image.name}.tar"
        image.write(archive)
        _ctr(layout, "images", "import", "--no-unpack", str(archive))
        archive.unlink()


def load(layout: Layout, archive: Path, reference: str) -> None:
    """Make the image of an OCI archive available under `reference`: `name@sha256:…`, the digest being its own."""
    name, _, digest = reference.partition("@")
    if not digest:
        raise LocalError(f"Image {reference} must be named by digest (name@sha256:…), as the cluster will name it.")
    if _present(layout, reference):
        return
    verify(archive, reference)
    _ctr(layout, "images", "import", "--base-name", name, "--digests", str(archive))
    if not _present(layout, reference):
        raise LocalError(f"containerd did not take {reference} from {archive}: see {layout.log / 'containerd.log'}.")


def verify(archive: Path, reference: str) -> None:
    """Raise LocalError unless `archive` is an OCI archive whose one image has the digest in `reference`."""
    try:
        held = manifest_digest(archive)
    except (OSError, KeyError, ValueError, tarfile.TarError) as error:
        raise LocalError(f"{archive} is not an OCI archive of one image ({error}): build the image again.") from error
    if held != reference.partition("@")[2]:
        raise LocalError(f"{archive} holds {held} and not {reference}: build the image again.")


def end_containers(layout: Layout) -> None:
    """End every container, pod sandboxes last, so that their shims leave by themselves."""
    tasks = _ctr(layout, "tasks", "list", "--quiet").split()
    if tasks:
        _ctr(layout, "tasks", "delete", "--force", *tasks)


def _present(layout: Layout, reference: str) -> bool:
    return reference in _ctr(layout, "images", "list", "--quiet", f"name=={reference}").split()


def _ctr(layout: Layout, *arguments: str) -> str:
    command = ["ctr", "--address", str(layout.socket), "--namespace", "k8s.io", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise LocalError(f"`ctr {' '.join(arguments[:2])}` failed ({reason}): is the node running (make up)?")
    return done.stdout
