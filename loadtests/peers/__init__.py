"""What the serving paths are measured against: other servers of models, each with its own adaptive batching."""
