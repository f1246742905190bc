"""The functions of `scipy.special` that are used here, loaded on first use.

Loading `scipy.special` takes longer than the whole of `evsyn.stats`; whoever only imports the
package, or asks for help, does not pay for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = [
    "betainc",
    "betaincc",
    "betainccinv",
    "betaincinv",
    "betaln",
    "chdtr",
    "chdtrc",
    "chdtri",
    "chndtr",
    "erf",
    "expit",
    "fdtrc",
    "fdtri",
    "gamma",
    "gammaincc",
    "gammaincinv",
    "gammaln",
    "hyp2f1",
    "log_expit",
    "log_ndtr",
    "logit",
    "ncfdtr",
    "nctdtr",
    "ndtr",
    "ndtri",
    "stdtr",
    "stdtrit",
    "xlog1py",
    "xlogy",
]


class _Late:
    """A function of `scipy.special` that is looked up when it is first called."""

    __slots__ = ("__name__", "_function")

    def __init__(self, name: str) -> None:
        self.__name__ = name
        self._function: Callable[..., Any] | None = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._function is None:
            from scipy import special

            self._function = getattr(special, self.__name__)
        return self._function(*args, **kwargs)


betainc = _Late("betainc")
betaincc = _Late("betaincc")
betainccinv = _Late("betainccinv")
betaincinv = _Late("betaincinv")
betaln = _Late("betaln")
chdtr = _Late("chdtr")
chdtrc = _Late("chdtrc")
chdtri = _Late("chdtri")
chndtr = _Late("chndtr")
erf = _Late("erf")
expit = _Late("expit")
fdtrc = _Late("fdtrc")
fdtri = _Late("fdtri")
gamma = _Late("gamma")
gammaincc = _Late("gammaincc")
gammaincinv = _Late("gammaincinv")
gammaln = _Late("gammaln")
hyp2f1 = _Late("hyp2f1")
log_expit = _Late("log_expit")
log_ndtr = _Late("log_ndtr")
logit = _Late("logit")
ncfdtr = _Late("ncfdtr")
nctdtr = _Late("nctdtr")
ndtr = _Late("ndtr")
ndtri = _Late("ndtri")
stdtr = _Late("stdtr")
stdtrit = _Late("stdtrit")
xlog1py = _Late("xlog1py")
xlogy = _Late("xlogy")
