"""How long things may take in tests. Speed itself is measured by `studio bench`; here only orders of magnitude count."""

import os

import psutil


def allowed(seconds: float) -> float:
    """Twice `seconds`, which a machine that does nothing else keeps; on a busy one as much longer as it is busy."""
    return 2 * seconds * min(4.0, max(1.0, psutil.getloadavg()[0] / (os.cpu_count() or 1)))
