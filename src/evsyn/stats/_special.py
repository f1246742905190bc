"""The functions of `scipy.special` that are used here, loaded on first use.

Loading `scipy.special` takes longer than the whole of `evsyn.stats`; whoever only imports the
package, or asks for help, does not pay for it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = [
    "bdtr",
    "bdtrc",
    "betainc",
    "betaincc",
    "betainccinv",
    "betaincinv",
    "betaln",
    "chdtr",
    "chdtrc",
    "chdtri",
    "chndtr",
    "digamma",
    "erf",
    "expit",
    "fdtr",
    "fdtrc",
    "fdtri",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaincinv",
    "gammaln",
    "hyp2f1",
    "kv",
    "log_expit",
    "log_ndtr",
    "logit",
    "logsumexp",
    "ncfdtr",
    "nctdtr",
    "ndtr",
    "ndtri",
    "owens_t",
    "polygamma",
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


bdtr = _Late("bdtr")
bdtrc = _Late("bdtrc")
betainc = _Late("betainc")
betaincc = _Late("betaincc")
betainccinv = _Late("betainccinv")
betaincinv = _Late("betaincinv")
betaln = _Late("betaln")
chdtr = _Late("chdtr")
chdtrc = _Late("chdtrc")
chdtri = _Late("chdtri")
chndtr = _Late("chndtr")
digamma = _Late("digamma")
erf = _Late("erf")
expit = _Late("expit")
fdtr = _Late("fdtr")
fdtrc = _Late("fdtrc")
fdtri = _Late("fdtri")
gamma = _Late("gamma")
gammainc = _Late("gammainc")
gammaincc = _Late("gammaincc")
gammaincinv = _Late("gammaincinv")
gammaln = _Late("gammaln")
hyp2f1 = _Late("hyp2f1")
kv = _Late("kv")
log_expit = _Late("log_expit")
log_ndtr = _Late("log_ndtr")
logit = _Late("logit")
logsumexp = _Late("logsumexp")
ncfdtr = _Late("ncfdtr")
nctdtr = _Late("nctdtr")
ndtr = _Late("ndtr")
ndtri = _Late("ndtri")
owens_t = _Late("owens_t")
polygamma = _Late("polygamma")
stdtr = _Late("stdtr")
stdtrit = _Late("stdtrit")
xlog1py = _Late("xlog1py")
xlogy = _Late("xlogy")
