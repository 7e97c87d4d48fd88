"""What both HTTP services share: the request and response models, problem details, the body limit, probes and metrics.

Neither knows the other; each adds its own route to the application that `services.http.app.create` returns.
"""
