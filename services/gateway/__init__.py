"""The gateway: authenticates, de-identifies, asks Triton, audits. See `app.create_app` for the wiring."""
