"""The embedded `local` stack: emulated AWS and a real Kubernetes node on this machine."""
