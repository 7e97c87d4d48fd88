"""A real single-node Kubernetes on this machine: start, stop, status."""
