"""Synthetic clinical text with marked identifiers, the recogniser that learns from it, and their measurement."""
