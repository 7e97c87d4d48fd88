"""Programs on this machine that are measured, and who asks them."""
