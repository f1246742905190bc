"""Option values as types, in one place, so that messages and help can list them."""

from __future__ import annotations

from typing import Literal, get_args

__all__ = [
    "Alternative",
    "AsymmetryModel",
    "AsymmetryPredictor",
    "ComparisonMeasure",
    "CountMeasure",
    "CountMethod",
    "CountModelType",
    "EventMeaning",
    "ExcessTest",
    "FailsafeMethod",
    "FillEstimator",
    "FunnelSide",
    "LikelihoodMethod",
    "LimitAdjustment",
    "LimitMethod",
    "LogitFactor",
    "MeanMethod",
    "MissingMeasure",
    "MissingMethod",
    "NetworkMethod",
    "OneArmMethod",
    "OrMethod",
    "PMethod",
    "PairedMethod",
    "PairedRatioMethod",
    "PairedTest",
    "PlannedMeasure",
    "PoolMeasure",
    "PoolMethod",
    "PoolMethodName",
    "PoolTest",
    "PredictionInterval",
    "QuantileMethod",
    "RankMethod",
    "RdMethod",
    "RrMethod",
    "Scale",
    "SelectionPrecision",
    "SelectionType",
    "Severity",
    "SmallValues",
    "StatisticKind",
    "Status",
    "StratifiedMeasure",
    "SynthesisMethod",
    "Tau2Method",
    "TwoArmMeasure",
    "TwoArmTest",
    "WaldTest",
    "ZeroCells",
    "choices",
]

Alternative = Literal["two-sided", "greater", "less"]
AsymmetryModel = Literal["lm", "rma"]
AsymmetryPredictor = Literal["sei", "vi", "ni", "ninv", "sqrtni", "sqrtninv"]
ComparisonMeasure = Literal["RR", "OR", "RD", "MD", "SMD", "ROM"]
CountMeasure = Literal["OR", "IRR", "PLO", "IRLN"]
CountMethod = Literal["ML", "EE", "FE", "CE"]
CountModelType = Literal["UM.FS", "UM.RS", "CM.EL", "CM.AL"]
EventMeaning = Literal["benefit", "harm"]
ExcessTest = Literal["exact", "chi2", "binomial"]
FailsafeMethod = Literal["rosenthal", "orwin", "rosenberg"]
FillEstimator = Literal["L0", "R0", "Q0"]
FunnelSide = Literal["left", "right"]
LikelihoodMethod = Literal["REML", "ML"]
LimitAdjustment = Literal["beta0", "beta-lim", "mu-lim"]
LimitMethod = Literal["DL", "PM", "ML", "REML"]
LogitFactor = Literal["logistic", "cox"]
MeanMethod = Literal["welch", "pooled"]
MissingMeasure = Literal["RR", "OR", "RD"]
MissingMethod = Literal[
    "available",
    "best-case",
    "worst-case",
    "all-events",
    "no-events",
    "same-as-observed",
    "same-as-comparator",
    "same-as-experimental",
    "imor",
]
NetworkMethod = Literal["EE", "DL", "REML", "ML"]
OneArmMethod = Literal[
    "wald", "wilson", "wilson-cc", "clopper-pearson", "jeffreys", "agresti-coull", "mid-p", "blaker"
]
OrMethod = Literal["woolf", "miettinen-nurminen"]
PMethod = Literal[
    "fisher",
    "pearson",
    "stouffer",
    "edgington",
    "mean-p",
    "logit",
    "inverse-chi-square",
    "tippett",
    "maximum",
    "wilkinson",
]
PairedMethod = Literal["wald", "bonett-price", "newcombe", "tango"]
PairedRatioMethod = Literal["wald", "bonett-price", "tang"]
PairedTest = Literal["mcnemar", "mcnemar-cc", "mcnemar-exact", "mcnemar-mid-p"]
PlannedMeasure = Literal["MD", "SMD", "RR", "OR", "RD", "ZCOR"]
PoolMeasure = Literal[
    "RR", "OR", "RD", "AS", "PETO", "MPRR", "MPOR", "MPRD", "MPORC", "PR", "PLN", "PLO", "PAS",
    "PFT", "IRR", "IRD", "IRSD", "IR", "IRLN", "IRS", "MD", "SMD", "SMDH", "SMD1", "ROM", "MN",
    "MNLN", "MC", "SMCC", "SMCR", "ROMC", "COR", "UCOR", "ZCOR", "VR", "CVR", "GEN",
]  # fmt: skip
PoolMethod = Literal["EE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB"]
PoolMethodName = Literal["EE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB", "FE", "CE"]
PoolTest = Literal["z", "knha", "adhoc"]
PredictionInterval = Literal["test", "hts"]
QuantileMethod = Literal["luo-shi", "wan", "qe"]
RankMethod = Literal["auto", "exact", "normal"]
RdMethod = Literal["wald", "newcombe", "miettinen-nurminen", "mee"]
RrMethod = Literal["katz", "koopman", "miettinen-nurminen"]
Scale = Literal["identity", "log", "logit"]
SelectionPrecision = Literal["none", "sei", "vi"]
SelectionType = Literal[
    "step",
    "beta",
    "halfnorm",
    "negexp",
    "logistic",
    "power",
    "negexppow",
    "halfnorm2",
    "negexp2",
    "logistic2",
    "power2",
]
Severity = Literal["error", "warning", "note"]
SmallValues = Literal["good", "bad"]
StatisticKind = Literal["z", "t", "F", "chi2", "r", "p"]
Status = Literal[
    "reported", "derived", "assumed", "conflicting", "ambiguous", "not found", "not reported"
]
StratifiedMeasure = Literal["RR", "OR", "RD", "IRR", "IRD"]
SynthesisMethod = Literal[
    "EE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB", "MH", "Peto", "GLMM"
]
Tau2Method = Literal["QP", "PL"]
TwoArmMeasure = Literal["RD", "RR", "OR"]
TwoArmTest = Literal[
    "fisher", "fisher-mid-p", "chi-square", "yates", "n-1", "score", "barnard", "boschloo"
]
WaldTest = Literal["z", "t"]
ZeroCells = Literal["only0", "all", "if0all", "none"]


def choices(alias: object) -> tuple[str, ...]:
    """Values of a ``Literal`` alias, in the order written.

    Examples
    --------
    >>> choices(ZeroCells)
    ('only0', 'all', 'if0all', 'none')
    """
    return get_args(alias)
