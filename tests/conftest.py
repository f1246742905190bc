"""Settings for every test: one thread a process, no display, reproducible examples."""

from __future__ import annotations

import os
import signal

# In the background a shell lets programs ignore Ctrl-C, and what they start inherits that: tests of
# interruptions would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")

from hypothesis import HealthCheck, settings  # noqa: E402  (after the thread limits)

# The same examples in every run and on every machine; no example is judged by its duration.
settings.register_profile(
    "evsyn",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("evsyn")
