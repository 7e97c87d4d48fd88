"""FastAPI with ONNX Runtime in process."""
