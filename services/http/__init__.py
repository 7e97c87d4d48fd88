"""An HTTP service of the contract without its route: schemas, problem details, body limits, probes and metrics."""
