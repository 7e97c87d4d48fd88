"""How a GPU node's container runtime learns which GPUs a container gets."""

GPU_RUNTIME = """\
#!/bin/bash
nvidia-ctk config --in-place --set accept-nvidia-visible-devices-envvar-when-unprivileged=true
"""
"""Containers without privileges get the GPUs that NVIDIA_VISIBLE_DEVICES names.

That variable is how the device plugin says which GPU a pod was given, and how plugin and exporter see them all without
CAP_SYS_ADMIN. NVIDIA's runtime is the default one of these nodes and takes it so by default; a release of the image did
not (https://github.com/awslabs/amazon-eks-ami/issues/2706), so it is said here. What runs on these nodes is what
tolerates their taint.
"""
