"""The schema of the evidence tables: with ``fields`` the only place for columns and values."""

from __future__ import annotations

from dataclasses import dataclass

from evsyn.tables.fields import FIELDS

__all__ = ["SCHEMA_VERSION", "TABLES", "Column", "Table"]

SCHEMA_VERSION = 1
"""Version of the tables' form; raised when a column or an allowed value changes."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        Header.
    meaning : str
        One line for the data dictionary.
    kind : str
        ``text``, ``integer``, ``number``, ``months``, ``date`` or ``list`` (separated by ``;``).
    required : bool
        Whether a cell must be filled.
    optional : bool
        Whether the column itself may be missing.
    allowed : tuple of str
        The allowed values of a closed list; empty for free cells.
    refers_to : str
        ``table.column`` that must hold the value.
    """

    name: str
    meaning: str
    kind: str = "text"
    required: bool = False
    optional: bool = False
    allowed: tuple[str, ...] = ()
    refers_to: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, its key, and whether the file may be missing."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False

    def column(self, name: str) -> Column:
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)


def _need(name: str, meaning: str, kind: str = "text", **more: object) -> Column:
    return Column(name, meaning, kind, required=True, **more)  # type: ignore[arg-type]


KINDS = (
    "trial", "case series", "letter", "review", "clearance", "registry", "regulator", "article"
)  # fmt: skip
DESIGNS = (
    "parallel", "within-person", "crossover", "incomplete-block", "cluster", "single-arm"
)  # fmt: skip
SCOPES = ("full text", "abstract", "page excerpt", "registry record", "secondary")
OUTCOME_KINDS = ("dichotomous", "ordinal", "continuous", "count", "time", "unclear")
VALUE_TYPES = ("baseline", "final", "change", "percent change")
RELATIONS = ("<", "≤", ">", "≥", "about")
VERDICTS = (
    "supported", "supported with assumption", "partly supported", "contradicted",
    "not verifiable", "internally inconsistent", "superseded", "not testable",
)  # fmt: skip

STUDY = Column("study_id", "the study", required=True, refers_to="studies.study_id")
OUTCOME = Column("outcome_id", "the outcome", refers_to="outcomes.outcome_id")
CITEKEY = Column("citekey", "the source, a key of references.bib", required=True)

TABLES = {
    table.name: table
    for table in (
        Table(
            "studies",
            "a study, or a review, clearance, registry record of its own",
            ("study_id",),
            (
                _need("study_id", "lower-case id: nassar2016"),
                _need("kind", "what it is", allowed=KINDS),
                Column("year", "year of publication, empty where not read", "integer"),
                Column("condition", "one or more conditions", "list"),
                Column("design", "design; empty for reviews", allowed=DESIGNS),
                Column(
                    "allocation",
                    "how participants came into arms; empty for one arm",
                    allowed=("randomised", "non-randomised", "not stated"),
                ),
                Column("unit_randomised", "what was allocated: participant, side, cluster"),
                Column("unit_analysed", "what was analysed: participant, side, scar"),
                Column("registration", "registry number"),
                Column("note", "free words", optional=True),
                Column("label", "short name; empty: first author and year", optional=True),
            ),
        ),
        Table(
            "reports",
            "a document about a study",
            ("citekey", "study_id"),
            (
                CITEKEY,
                STUDY,
                _need("read_scope", "what of it was read", allowed=SCOPES),
                _need("retrieved", "date of reading", "date"),
                Column("note", "free words", optional=True),
            ),
        ),
        Table(
            "arms",
            "an arm of a study",
            ("study_id", "arm_id"),
            (
                STUDY,
                _need("arm_id", "id within the study"),
                _need("label", "name for readers"),
                _need("intervention", "what the arm received"),
            ),
        ),
        Table(
            "comparisons",
            "a pair of arms",
            ("study_id", "comparison_id"),
            (
                STUDY,
                _need("comparison_id", "id within the study, no arm's id"),
                _need("arm_e", "experimental arm", refers_to="arms.arm_id"),
                _need("arm_c", "comparator arm", refers_to="arms.arm_id"),
                Column(
                    "shared_control",
                    "yes where an arm stands in several comparisons",
                    optional=True,
                    allowed=("yes", "no"),
                ),
            ),
        ),
        Table(
            "outcomes",
            "the definition of an outcome",
            ("outcome_id",),
            (
                _need("outcome_id", "id"),
                _need("name", "name for readers"),
                _need("kind", "what kind of value it has", allowed=OUTCOME_KINDS),
                Column("instrument", "scale, device, question"),
                Column("scale_min", "smallest value of the scale", "number"),
                Column("scale_max", "largest value of the scale", "number"),
                Column("unit", "unit"),
                Column("event_is", "what an event means", allowed=("benefit", "harm")),
                Column("better", "which direction is better", allowed=("high", "low")),
                Column(
                    "parts",
                    "outcomes whose categories it unites; for a scale all its categories",
                    "list",
                    refers_to="outcomes.outcome_id",
                ),
                Column("mcid", "minimal important difference", "number", optional=True),
            ),
        ),
        Table(
            "extractions",
            "one printed value",
            ("extraction_id",),
            (
                _need("extraction_id", "id"),
                STUDY,
                Column("arm_id", "arm, or comparison; empty: the whole study"),
                OUTCOME,
                Column("subgroup", "subgroup as printed", optional=True),
                Column(
                    "analysis_set",
                    "who was analysed",
                    allowed=("itt", "completers", "as printed"),
                ),
                Column("time_printed", "the time as printed"),
                Column("months", "the same in months", "months"),
                Column("anchor", "from when months count", allowed=("baseline", "last session")),
                _need("field", "what the value is", allowed=tuple(FIELDS)),
                _need("printed", "the value as printed"),
                Column("relation", "bound printed with it", optional=True, allowed=RELATIONS),
                Column("measure", "for estimates, limits and p: of what"),
                Column("ci_level", "level of a confidence limit, percent", "number"),
                Column("value_type", "which value of a course", allowed=VALUE_TYPES),
                CITEKEY,
                _need("locator", "where in the source"),
                Column("quote", "the words, verbatim, at most 25"),
                _need("quote_kind", "whether words are at hand", allowed=("verbatim", "none")),
                _need("extractor", "who read it"),
                Column("checked_by", "who read it again", optional=True),
                Column("note", "free words", optional=True),
            ),
        ),
        Table(
            "assumptions",
            "a named assumption that can be accepted or rejected",
            ("assumption_id",),
            (
                _need("assumption_id", "id"),
                _need("group", "alternatives share a group and exclude each other"),
                Column(
                    "requires",
                    "assumptions that must be accepted too",
                    "list",
                    refers_to="assumptions.assumption_id",
                ),
                STUDY,
                Column("arm_id", "arm; empty: each arm"),
                Column(
                    "outcome_id", "outcome; empty: each outcome", refers_to="outcomes.outcome_id"
                ),
                Column("months", "time; empty: every time", "months"),
                _need("field", "what is assumed", allowed=tuple(FIELDS)),
                Column("value", "the value (or a field, to retype a percentage)"),
                Column(
                    "preferred_extraction",
                    "which of two printed readings counts",
                    refers_to="extractions.extraction_id",
                ),
                _need("statement", "the assumption as a sentence"),
                _need("rationale", "what speaks for and against it"),
                _need("default", "accept or reject", allowed=("accept", "reject")),
            ),
        ),
        Table(
            "claims",
            "a claim in a text, one value a row",
            ("claim_id",),
            (
                _need("claim_id", "id"),
                _need("document", "the text it stands in"),
                _need("quote", "the words, verbatim"),
                Column("made_on", "date of the text", "date", optional=True),
                Column(
                    "study_id",
                    "study that settles it",
                    optional=True,
                    refers_to="studies.study_id",
                ),
                Column("cites", "what the text cites", optional=True),
                _need("intervention", "who or what it is about"),
                Column("comparator", "against what"),
                OUTCOME,
                Column("months", "at what time", "months"),
                Column("field", "what the value is", optional=True, allowed=tuple(FIELDS)),
                Column("printed", "the value as printed: number, words or range"),
                Column("n", "of how many, as printed"),
                _need("verdict", "what the evidence says", allowed=VERDICTS),
                _need("reason", "why"),
            ),
        ),
        Table(
            "excluded",
            "a study that was looked at and left out",
            ("excluded_id",),
            (
                _need("excluded_id", "id"),
                _need("candidate_for", "what it might have been"),
                Column("citekey", "the source, a key of references.bib"),
                _need("reason", "why it was left out"),
            ),
            optional=True,
        ),
        Table(
            "risk_of_bias",
            "a judgement per result and domain",
            ("study_id", "outcome_id", "tool", "domain"),
            (
                STUDY,
                OUTCOME,
                _need("tool", "RoB 2, ROBINS-I, QUADAS-2 …"),
                _need("domain", "domain of the tool, or overall"),
                _need("judgement", "the judgement in the tool's words"),
                Column("support", "what it rests on"),
                Column("citekey", "the source, a key of references.bib"),
                Column("locator", "where in the source"),
                Column("quote", "the words, verbatim"),
            ),
            optional=True,
        ),
        Table(
            "certainty",
            "a GRADE rating",
            ("outcome_id", "comparison"),
            (
                _need("outcome_id", "the outcome", refers_to="outcomes.outcome_id"),
                _need("comparison", "what is compared"),
                _need("certainty", "rating", allowed=("high", "moderate", "low", "very low")),
                _need("reasons", "why it was rated down or up"),
                Column("statement", "the finding in words"),
            ),
            optional=True,
        ),
        Table(
            "flow",
            "a box of the PRISMA flow",
            ("box",),
            (
                _need("box", "box of the diagram"),
                _need("n", "records, reports or studies", "integer"),
                Column("reason", "why, for boxes of exclusions"),
                Column("citekey", "the source, a key of references.bib"),
            ),
            optional=True,
        ),
        Table(
            "searches",
            "a search",
            ("source", "searched_on"),
            (
                _need("source", "database or register"),
                _need("searched_on", "date", "date"),
                _need("query", "the query"),
                _need("records", "records found", "integer"),
            ),
            optional=True,
        ),
    )
}
"""Every table by name."""
