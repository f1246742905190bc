"""A Methods paragraph: what was chosen for these analyses and why, with the literature on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evsyn import __version__, formats
from evsyn.synthesis.declared import COUNT_METHODS
from evsyn.synthesis.results import PoolRow, Result
from evsyn.synthesis.scales import LOGS, ONE_ARM, measure_name
from evsyn.text.method_references import REFERENCES, MethodReference

__all__ = ["MethodsText", "methods_text"]

_CITED = re.compile(r"\[@([a-z0-9, @]+)\]")

_ESTIMATORS = {
    "DL": "the method of moments of DerSimonian and Laird [@dersimonian1986]",
    "HE": "Hedges' method of moments [@hedges1983]",
    "HS": "the method of Hunter and Schmidt [@viechtbauer2005]",
    "SJ": "the method of Sidik and Jonkman [@sidik2005]",
    "PM": "the method of Paule and Mandel [@paule1982]",
    "ML": "maximum likelihood [@viechtbauer2005]",
    "REML": "restricted maximum likelihood [@viechtbauer2005]",
    "EB": "the empirical Bayes method [@morris1983]",
}

_COUNTS = {
    "MH": "by the method of Mantel and Haenszel [@mantel1959] as a common effect, with {variance}",
    "Peto": "by Peto's one-step method [@yusuf1985] as a common effect; it holds for rare events, "
    "arms of like size and small effects [@deeks2024]",
    "GLMM": "by a generalised linear mixed model of the counts themselves [@stijnen2010], fitted "
    "by maximum likelihood{models}",
}


@dataclass(frozen=True, slots=True)
class MethodsText:
    """A Methods paragraph and what it cites.

    Attributes
    ----------
    text : str
        Paragraphs, an analysis each; ``[1]`` refers to the first work.
    citations : tuple of MethodReference
        Works in the order cited.
    """

    text: str
    citations: tuple[MethodReference, ...]

    def records(self) -> list[dict[str, object]]:
        """Works as CSL-JSON items, each with its number and as printed."""
        return [
            {"number": number, **work.csl(), "printed": work.printed()}
            for number, work in enumerate(self.citations, 1)
        ]

    def with_references(self) -> str:
        """Return paragraphs and the numbered list of works below."""
        works = [f"[{at}] {work.printed()}" for at, work in enumerate(self.citations, 1)]
        return "\n".join(["Methods", self.text, "", "References", *works])


def methods_text(result: Result[PoolRow]) -> MethodsText:
    """Say how analyses were made, and why so.

    Parameters
    ----------
    result : Result of PoolRow
        What was pooled.

    Returns
    -------
    MethodsText
        One paragraph an analysis: measure, empty cells, model and estimator, interval of the mean
        and why, heterogeneity, prediction, what else was asked, what was left out, software.
    """
    level = result.settings.get("level", 0.95)
    share = formats.percent(float(level) if isinstance(level, (int, float)) else 0.95)
    several = len(result) > 1
    paragraphs = []
    for row in result:
        sentences = [sentence for sentence in _sentences(row, result.notes, share) if sentence]
        name = f"{row.group}: " if several else ""
        paragraphs.append(name + " ".join(sentences))
    software = f"Computed with evsyn {__version__}."
    if not paragraphs:
        paragraphs = ["Nothing was pooled."]
    paragraphs[-1] += f" {software}"
    return _numbered("\n".join(paragraphs))


def _numbered(text: str) -> MethodsText:
    """Replace keys by numbers in the order cited."""
    keys: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        cited = [key.strip(" @") for key in found[1].split(",")]
        return f"[{', '.join(str(keys.setdefault(key, len(keys) + 1)) for key in cited)}]"

    told = _CITED.sub(number, text)
    return MethodsText(told, tuple(REFERENCES[key] for key in keys))


def _sentences(row: PoolRow, notes: tuple[str, ...], level: str) -> Iterator[str]:
    if row.estimate is None:
        yield f"Nothing was pooled: {_plain(row.reason).removesuffix(': nothing to pool')}."
        yield _left_out(row)
        return
    yield _model(row)
    yield _cells(row)
    yield _mean(row, notes, level)
    yield _heterogeneity(row, level)
    yield _prediction(row, level)
    yield from _beside(row)
    if row.measure == "PFT":
        yield (
            "Proportions were pooled as Freeman-Tukey double arcsines because this was asked for; "
            "their way back through the harmonic mean of the sample sizes can seriously mislead "
            "[@schwarzer2019]."
        )
    wide = next((note for note in notes if "range over pairings" in note and row.group in note), "")
    if wide:
        yield (
            "Where the same people were in both arms and only margins are printed, the largest "
            "variance over every possible pairing was used."
        )
    yield _left_out(row)


def _model(row: PoolRow) -> str:
    name = measure_name(row.measure)
    scale = " on the log scale" if row.measure in LOGS and "(log)" not in name else ""
    said = "Effects as given" if row.measure == "GEN" else f"The {name}"
    verb = "were" if row.measure == "GEN" else "was"
    start = f"{said} of {row.k} studies {verb} pooled{scale}"
    if row.method in COUNT_METHODS:
        variance = (
            "the variance of Robins, Breslow and Greenland [@robins1986]"
            if row.measure == "OR"
            else "the variance of Greenland and Robins [@greenland1985]"
        )
        models = ""
        if row.measure == "OR":
            models = (
                ", with fixed effects of the studies and a random treatment effect [@jackson2018]"
            )
        return f"{start} {_COUNTS[row.method].format(variance=variance, models=models)}."
    if row.method == "EE":
        return f"{start} by inverse variance, as one effect common to all studies [@deeks2024]."
    return (
        f"{start} in a random-effects model by inverse variance [@deeks2024], with the variance "
        f"between studies (tau²) estimated by {_ESTIMATORS[row.method]}."
    )


def _cells(row: PoolRow) -> str:
    """What was done about empty cells."""
    if row.method in COUNT_METHODS:
        return "Counts entered as they are: nothing was added to empty cells."
    added = [str(line["study"]) for line in row.effects if line["pooled"] and line["corrected"]]
    if not added:
        return ""
    what = "variance alone" if row.measure == "RD" else "effect on the pooling scale alone"
    return (
        f"0.5 was added to the cells of {_named(added)}, which have an empty one, for the {what}."
    )


def _named(names: list[str]) -> str:
    plain = [_plain(name) for name in names]
    return plain[0] if len(plain) == 1 else f"{', '.join(plain[:-1])} and {plain[-1]}"


def _plain(text: str) -> str:
    """Words of others, with nothing in them that could be taken for a citation of ours."""
    return text.replace("[@", "[ @")


def _mean(row: PoolRow, notes: tuple[str, ...], level: str) -> str:
    start = f"The {level} confidence interval of the mean is"
    if row.test == "z":
        because = _because(row.reason)
        return f"{start} Wald's{because}." if because else f"{start} Wald's."
    if row.test == "adhoc":
        return (
            f"{start} Hartung and Knapp's, with t on k - 1 degrees of freedom and a variance never "
            "below the usual one, as chosen [@knapp2003, @rover2015]."
        )
    said = (
        f"{start} Hartung and Knapp's, with t on k - 1 degrees of freedom [@hartung2001, "
        f"@inthout2014]{_because(row.reason)} [@deeks2024]."
    )
    if any(note.startswith(f"{row.group}: ") and "narrower than Wald" in note for note in notes):
        said += " Here it is narrower than Wald's, which calls for caution [@rover2015]."
    return said


def _because(reason: str) -> str:
    _, found, why = reason.partition(", because ")
    if found:
        return f", because {why.split(';')[0]}"
    return ", as chosen" if "as chosen" in reason else ""


def _heterogeneity(row: PoolRow, level: str) -> str:
    if row.method == "GLMM":
        return (
            "Heterogeneity was tested by the likelihood ratio of one effect for all studies "
            "against one for each."
        )
    if row.method in ("EE", "MH", "Peto"):
        return "Heterogeneity was described by Cochran's Q and by I² from it [@higgins2002]."
    text = "Heterogeneity was described by tau², by I² from tau² [@higgins2002] and tested by Q"
    if row.interval == "PL":
        return (
            f"{text}; the {level} interval of tau² is that of its profile likelihood [@hardy1996]."
        )
    if row.interval:
        return f"{text}; the {level} interval of tau² is the Q-profile one [@viechtbauer2007]."
    return f"{text}."


def _prediction(row: PoolRow, level: str) -> str:
    if row.pi_lb is not None:
        return (
            f"The {level} prediction interval for the effect in a new study takes t on k - 2 "
            "degrees of freedom [@higgins2009]."
        )
    if row.method in ("EE", "MH", "Peto"):
        return ""
    if row.k < 3:
        return "Two studies allow no prediction interval."
    return ""


def _beside(row: PoolRow) -> Iterator[str]:
    if row.regression:
        names = [_plain(str(name)) for name in row.regression_fit["terms"]]
        kind = {"z": "Wald tests", "knha": "tests by Knapp and Hartung [@knapp2003]"}
        tests = kind.get(
            row.regression_fit["test"], "tests never narrower than Wald's [@knapp2003]"
        )
        yield (
            f"Effects were regressed on {', '.join(names)} in a mixed-effects meta-regression of "
            f"{row.regression_fit['k']} studies with {tests}."
        )
        for name, reference in row.regression_fit["references"].items():
            yield f"Terms of {_plain(name)} are differences from “{_plain(reference)}”."
    if row.subgroups:
        yield (
            f"Subgroups by {_plain(str(row.subgroup_test['column']))} were pooled apart, each with "
            "what heterogeneity it has, and their means compared by Q between groups [@deeks2024]."
        )
    if row.leave_one_out:
        yield "As a sensitivity analysis each study was left out in turn."
    if row.cumulative:
        yield "A cumulative meta-analysis added the studies one by one [@lau1992]."


def _left_out(row: PoolRow) -> str:
    if not row.left_out:
        return ""
    who = "; ".join(_without_ids(_plain(text)) for text in row.left_out)
    designs = "" if row.measure in ONE_ARM else " Designs were not mixed beyond what is declared."
    count = len(row.left_out)
    verb = "study was" if count == 1 else "studies were"
    return f"{count} {verb} not pooled ({who}).{designs}"


def _without_ids(text: str) -> str:
    """Return a reason without the assumptions that would change it."""
    parts = [part for part in text.split("; ") if not part.startswith("assumptions that bear")]
    return "; ".join(parts)
