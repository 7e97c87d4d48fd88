"""NVIDIA Triton: the images, and what starts it where it comes from a Python wheel."""
