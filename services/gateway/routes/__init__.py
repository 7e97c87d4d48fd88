"""The gateway's routes, one file each."""
