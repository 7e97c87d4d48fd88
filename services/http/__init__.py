"""An HTTP service of the contract without its route: schemas, problem details, body limit, probes and metrics."""
