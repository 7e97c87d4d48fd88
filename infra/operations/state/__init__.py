"""Where Pulumi keeps its state: a bucket, the bucket's key, and the key of the secrets in the state."""
