"""What the kubelet of every node is told beyond the machine image's own settings."""

import base64

_BOUNDARY = "NODE"
_NODE_CONFIG = """\
apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  kubelet:
    config:
      seccompDefault: true
      podPidsLimit: 4096
      eventRecordQPS: 50
"""
"""NodeConfig of nodeadm, which starts Amazon Linux 2023 nodes.

- `seccompDefault`: a pod that names no seccomp profile gets the runtime's (CIS Kubernetes Benchmark 1.11, 4.2.14).
- `podPidsLimit`: processes and threads of one pod; a fork bomb stays in its pod (4.2.13).
- `eventRecordQPS`: events a second; Kubernetes' default, in the file where CIS EKS Benchmark 1.7, 3.2.7, looks for it.

The image brings the rest of that benchmark's section 3.2: no anonymous requests (3.2.1), authorization by the API
server (3.2.2), a client CA (3.2.3), no read-only port (3.2.4), rotated server certificates (3.2.9).
"""


def user_data(*scripts: str) -> str:
    """User data of a launch template that names no image, base64; the node runs `scripts` when it first starts.

    A MIME archive, because EKS adds a part of its own to it: cluster, certificate authority, labels and taints. In a
    private cluster nodes need nothing else, for that part spares them the question to the EKS API.
    """
    parts = [("application/node.eks.aws", f"---\n{_NODE_CONFIG}"), *(("text/x-shellscript", each) for each in scripts)]
    archive = (
        "MIME-Version: 1.0\n"
        f'Content-Type: multipart/mixed; boundary="{_BOUNDARY}"\n\n'
        + "".join(f"--{_BOUNDARY}\nContent-Type: {kind}\n\n{body}\n" for kind, body in parts)
        + f"--{_BOUNDARY}--\n"
    )
    return base64.b64encode(archive.encode()).decode()
