"""Option values as types, in one place, so that messages and help can list them."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = [
    "ComparisonMeasure",
    "MeanMethod",
    "OneArmMethod",
    "OrMethod",
    "PairedMethod",
    "PairedRatioMethod",
    "PairedTest",
    "PoolMeasure",
    "PoolMethod",
    "PoolTest",
    "RdMethod",
    "RrMethod",
    "Severity",
    "Status",
    "SynthesisMethod",
    "Tau2Method",
    "TwoArmTest",
    "ZeroCells",
    "choices",
]

OneArmMethod = Literal[
    "wald", "wilson", "wilson-cc", "clopper-pearson", "jeffreys", "agresti-coull", "mid-p", "blaker"
]
RdMethod = Literal["wald", "newcombe", "miettinen-nurminen", "mee"]
RrMethod = Literal["katz", "koopman", "miettinen-nurminen"]
OrMethod = Literal["woolf", "miettinen-nurminen"]
TwoArmTest = Literal[
    "fisher", "fisher-mid-p", "chi-square", "yates", "n-1", "score", "barnard", "boschloo"
]
PairedMethod = Literal["wald", "bonett-price", "newcombe", "tango"]
PairedRatioMethod = Literal["wald", "bonett-price", "tang"]
PairedTest = Literal["mcnemar", "mcnemar-cc", "mcnemar-exact", "mcnemar-mid-p"]
MeanMethod = Literal["welch", "pooled"]
ComparisonMeasure = Literal["RR", "OR", "RD", "MD", "SMD", "ROM"]
PoolMethod = Literal["EE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB"]
PoolTest = Literal["z", "knha", "adhoc"]
SynthesisMethod = Literal[
    "EE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB", "MH", "Peto", "GLMM"
]
Tau2Method = Literal["QP", "PL"]
PoolMeasure = Literal[
    "RR", "OR", "RD", "AS", "PETO", "MPRR", "MPOR", "MPRD", "MPORC", "PR", "PLN", "PLO", "PAS",
    "PFT", "IRR", "IRD", "IRSD", "IR", "IRLN", "IRS", "MD", "SMD", "SMDH", "SMD1", "ROM", "MN",
    "MNLN", "MC", "SMCC", "SMCR", "ROMC", "COR", "UCOR", "ZCOR", "VR", "CVR", "GEN",
]  # fmt: skip
ZeroCells = Literal["only0", "all", "if0all", "none"]
Status = Literal[
    "reported", "derived", "assumed", "conflicting", "ambiguous", "not found", "not reported"
]
Severity = Literal["error", "warning", "note"]


def choices(alias: object) -> tuple[str, ...]:
    """Values of a ``Literal`` alias, in the order written.

    Examples
    --------
    >>> choices(ZeroCells)
    ('only0', 'all', 'if0all', 'none')
    """
    return get_args(alias)
