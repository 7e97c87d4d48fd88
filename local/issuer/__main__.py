"""`python -m local.issuer DIRECTORY PORT`: serve until told to stop."""

import sys
from pathlib import Path

from local.issuer.server import serve

if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2])).serve_forever()
