"""The figures of the paper that began this comparison, and why others come out otherwise."""

CITATION = (
    "R. Ali, Scalable and Secure AI Inference in Healthcare: A Comparative Benchmarking of FastAPI and Triton Inference "
    "Server on Kubernetes (arXiv 2602.00053, January 2026)"
)
ROWS = (
    ("FastAPI", "arXiv 2602.00053", "22", "-", "about half of Triton's"),
    ("Triton", "arXiv 2602.00053, one NVIDIA T4", "-", "-", "780"),
)
"""As its abstract says them: path, by whom, p50 in milliseconds, p95, requests a second."""
DIFFERENCES = (
    "Hardware: the paper's Triton ran on one NVIDIA T4. A run without a GPU has another limit, and only ratios compare.",
    "Model: DistilBERT there. Here, unless a run says otherwise, a MiniLM of six layers of 384 in INT8, a fraction of its work.",
    "Engine: there each path had its own, so its difference mixes engine, batching and Python. Here both run the same bytes in "
    "the same ONNX Runtime with as many threads.",
    "Batching: there Triton alone batched. Here fastapi-svc does too; fastapi-naive, where it was measured, is the paper's way.",
    "Texts: here all different, from four words to all that the model reads. One short sentence, again and again, costs a "
    "fraction and hides what padding costs.",
    "Loop: latency is of one client, throughput of many, and the search for the limit is an open loop with an objective: a "
    "closed loop alone hides how long requests wait.",
)
