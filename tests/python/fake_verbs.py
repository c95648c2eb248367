"""A small real program in the trainer's place, for the keeper's tests: put into an empty folder as `trainer/__main__.py`.

Behaves as the file `behave` in the run's folder says: one Python statement, with `run` (its folder) and the usual modules at hand.
"""

import json
import os
import signal  # noqa: F401
import subprocess  # noqa: F401
import sys
import time  # noqa: F401
from pathlib import Path

# As the real one does: nothing happens before the keeper's word.
if "--await-word" in sys.argv and not os.read(0, 1):
    sys.exit(1)
run = Path(sys.argv[sys.argv.index("--run") + 1])
(run / "arguments.json").write_text(json.dumps(sys.argv[1:]))
exec((run / "behave").read_text())
