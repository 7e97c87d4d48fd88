"""The gateway and Triton as two processes on this machine, and who asks them."""
