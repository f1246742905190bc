"""The literature on methods that a Methods paragraph cites; the evidence has a list of its own."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["REFERENCES", "MethodReference"]


@dataclass(frozen=True, slots=True)
class MethodReference:
    """One work on methods.

    Attributes
    ----------
    key : str
        Id.
    authors : tuple of str
        ``Family, Given`` in order.
    year : int
        Year of publication.
    title, container, volume, issue, page, doi, url : str
        As published; empty where there is none.
    """

    key: str
    authors: tuple[str, ...]
    year: int
    title: str
    container: str
    volume: str = ""
    issue: str = ""
    page: str = ""
    doi: str = ""
    url: str = ""

    def csl(self) -> dict[str, object]:
        """Return the work as a CSL-JSON item."""
        names = [name.partition(", ") for name in self.authors]
        item: dict[str, object] = {
            "id": self.key,
            "type": "article-journal" if self.volume else "chapter",
            "author": [{"family": family, "given": given} for family, _, given in names],
            "issued": {"date-parts": [[self.year]]},
            "title": self.title,
            "container-title": self.container,
        }
        rest = {"volume": self.volume, "issue": self.issue, "page": self.page}
        rest |= {"DOI": self.doi, "URL": self.url}
        return item | {name: value for name, value in rest.items() if value}

    def printed(self) -> str:
        """Return the work as a line of a list of references.

        Examples
        --------
        >>> REFERENCES["dersimonian1986"].printed()  # doctest: +ELLIPSIS
        'DerSimonian R, Laird N. Meta-analysis in clinical trials. Controlled Clinical Trials...'
        """
        people = ", ".join(_initials(name) for name in self.authors)
        place = f"{self.container}. {self.year}"
        if self.volume:
            issue = f"({self.issue})" if self.issue else ""
            place += f";{self.volume}{issue}:{self.page}"
        address = f" doi:{self.doi}" if self.doi else f" {self.url}" if self.url else ""
        return f"{people}. {self.title}. {place}.{address}"


def _initials(name: str) -> str:
    family, _, given = name.partition(", ")
    letters = "".join(part[0] for part in given.replace("-", " ").split() if part)
    return f"{family} {letters}".strip()


_SIM = "Statistics in Medicine"

_WORKS = (
    MethodReference(
        "deeks2024",
        (
            "Deeks, J. J.", "Higgins, J. P. T.", "Altman, D. G.", "McKenzie, J. E.",
            "Veroniki, A. A.",
        ),
        2024,
        "Chapter 10: Analysing data and undertaking meta-analyses",
        "Cochrane Handbook for Systematic Reviews of Interventions, version 6.5. Cochrane",
        url="https://www.cochrane.org/authors/handbooks-and-manuals/handbook/current/chapter-10",
    ),
    MethodReference(
        "dersimonian1986", ("DerSimonian, R.", "Laird, N."), 1986,
        "Meta-analysis in clinical trials", "Controlled Clinical Trials",
        "7", "3", "177-188", "10.1016/0197-2456(86)90046-2",
    ),
    MethodReference(
        "greenland1985", ("Greenland, S.", "Robins, J. M."), 1985,
        "Estimation of a common effect parameter from sparse follow-up data", "Biometrics",
        "41", "1", "55-68", "10.2307/2530643",
    ),
    MethodReference(
        "hardy1996", ("Hardy, R. J.", "Thompson, S. G."), 1996,
        "A likelihood approach to meta-analysis with random effects", _SIM,
        "15", "6", "619-629", "10.1002/(SICI)1097-0258(19960330)15:6<619::AID-SIM188>3.0.CO;2-A",
    ),
    MethodReference(
        "hartung2001", ("Hartung, J.", "Knapp, G."), 2001,
        "A refined method for the meta-analysis of controlled clinical trials with binary outcome",
        _SIM, "20", "24", "3875-3889", "10.1002/sim.1009",
    ),
    MethodReference(
        "hedges1983", ("Hedges, L. V.",), 1983,
        "A random effects model for effect sizes", "Psychological Bulletin",
        "93", "2", "388-395", "10.1037/0033-2909.93.2.388",
    ),
    MethodReference(
        "higgins2002", ("Higgins, J. P. T.", "Thompson, S. G."), 2002,
        "Quantifying heterogeneity in a meta-analysis", _SIM,
        "21", "11", "1539-1558", "10.1002/sim.1186",
    ),
    MethodReference(
        "higgins2009", ("Higgins, J. P. T.", "Thompson, S. G.", "Spiegelhalter, D. J."), 2009,
        "A re-evaluation of random-effects meta-analysis",
        "Journal of the Royal Statistical Society: Series A",
        "172", "1", "137-159", "10.1111/j.1467-985X.2008.00552.x",
    ),
    MethodReference(
        "inthout2014", ("IntHout, J.", "Ioannidis, J. P. A.", "Borm, G. F."), 2014,
        "The Hartung-Knapp-Sidik-Jonkman method for random effects meta-analysis is "
        "straightforward and considerably outperforms the standard DerSimonian-Laird method",
        "BMC Medical Research Methodology", "14", "", "25", "10.1186/1471-2288-14-25",
    ),
    MethodReference(
        "jackson2018",
        ("Jackson, D.", "Law, M.", "Stijnen, T.", "Viechtbauer, W.", "White, I. R."), 2018,
        "A comparison of seven random-effects models for meta-analyses that estimate the summary "
        "odds ratio", _SIM, "37", "7", "1059-1085", "10.1002/sim.7588",
    ),
    MethodReference(
        "knapp2003", ("Knapp, G.", "Hartung, J."), 2003,
        "Improved tests for a random effects meta-regression with a single covariate", _SIM,
        "22", "17", "2693-2710", "10.1002/sim.1482",
    ),
    MethodReference(
        "lau1992",
        (
            "Lau, J.", "Antman, E. M.", "Jimenez-Silva, J.", "Kupelnick, B.", "Mosteller, F.",
            "Chalmers, T. C.",
        ),
        1992,
        "Cumulative meta-analysis of therapeutic trials for myocardial infarction",
        "New England Journal of Medicine", "327", "4", "248-254", "10.1056/NEJM199207233270406",
    ),
    MethodReference(
        "mantel1959", ("Mantel, N.", "Haenszel, W."), 1959,
        "Statistical aspects of the analysis of data from retrospective studies of disease",
        "Journal of the National Cancer Institute", "22", "4", "719-748", "10.1093/jnci/22.4.719",
    ),
    MethodReference(
        "morris1983", ("Morris, C. N.",), 1983,
        "Parametric empirical Bayes inference: theory and applications",
        "Journal of the American Statistical Association",
        "78", "381", "47-55", "10.1080/01621459.1983.10477920",
    ),
    MethodReference(
        "paule1982", ("Paule, R. C.", "Mandel, J."), 1982,
        "Consensus values and weighting factors",
        "Journal of Research of the National Bureau of Standards",
        "87", "5", "377-385", "10.6028/jres.087.022",
    ),
    MethodReference(
        "robins1986", ("Robins, J.", "Breslow, N.", "Greenland, S."), 1986,
        "Estimators of the Mantel-Haenszel variance consistent in both sparse data and "
        "large-strata limiting models", "Biometrics", "42", "2", "311-323", "10.2307/2531052",
    ),
    MethodReference(
        "rover2015", ("Röver, C.", "Knapp, G.", "Friede, T."), 2015,
        "Hartung-Knapp-Sidik-Jonkman approach and its modification for random-effects "
        "meta-analysis with few studies", "BMC Medical Research Methodology",
        "15", "", "99", "10.1186/s12874-015-0091-1",
    ),
    MethodReference(
        "schwarzer2019",
        ("Schwarzer, G.", "Chemaitelly, H.", "Abu-Raddad, L. J.", "Rücker, G."), 2019,
        "Seriously misleading results using inverse of Freeman-Tukey double arcsine "
        "transformation in meta-analysis of single proportions", "Research Synthesis Methods",
        "10", "3", "476-483", "10.1002/jrsm.1348",
    ),
    MethodReference(
        "sidik2005", ("Sidik, K.", "Jonkman, J. N."), 2005,
        "Simple heterogeneity variance estimation for meta-analysis",
        "Journal of the Royal Statistical Society: Series C",
        "54", "2", "367-384", "10.1111/j.1467-9876.2005.00489.x",
    ),
    MethodReference(
        "stijnen2010", ("Stijnen, T.", "Hamza, T. H.", "Özdemir, P."), 2010,
        "Random effects meta-analysis of event outcome in the framework of the generalized linear "
        "mixed model with applications in sparse data", _SIM,
        "29", "29", "3046-3067", "10.1002/sim.4040",
    ),
    MethodReference(
        "viechtbauer2005", ("Viechtbauer, W.",), 2005,
        "Bias and efficiency of meta-analytic variance estimators in the random-effects model",
        "Journal of Educational and Behavioral Statistics",
        "30", "3", "261-293", "10.3102/10769986030003261",
    ),
    MethodReference(
        "viechtbauer2007", ("Viechtbauer, W.",), 2007,
        "Confidence intervals for the amount of heterogeneity in meta-analysis", _SIM,
        "26", "1", "37-52", "10.1002/sim.2514",
    ),
    MethodReference(
        "yusuf1985",
        ("Yusuf, S.", "Peto, R.", "Lewis, J.", "Collins, R.", "Sleight, P."), 1985,
        "Beta blockade during and after myocardial infarction: an overview of the randomized "
        "trials", "Progress in Cardiovascular Diseases",
        "27", "5", "335-371", "10.1016/S0033-0620(85)80003-7",
    ),
)  # fmt: skip

REFERENCES = {work.key: work for work in _WORKS}
"""Works by key."""
