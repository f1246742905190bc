"""The closed list of fields: what a printed value may be, its meaning and its range."""

from __future__ import annotations

__all__ = [
    "COUNT_FIELDS",
    "FIELDS",
    "NUMBER_FIELDS",
    "RANGES",
    "SHARE_FIELDS",
    "SHARE_WORDS",
    "TEXT_FIELDS",
]

COUNT_FIELDS = {
    "n_enrolled": "participants enrolled",
    "n_randomised": "participants randomised",
    "n_completed": "participants who completed",
    "n": "participants analysed for the outcome",
    "events": "participants with the event",
    "participants_with_event": "participants with the event (adverse events)",
    "event_count": "events counted, several per participant possible",
    "both": "pairs with the event in both arms",
    "only_e": "pairs with the event in the experimental arm only",
    "only_c": "pairs with the event in the comparator arm only",
    "neither": "pairs with the event in neither arm",
    "n_clusters": "clusters analysed",
    "k": "studies (of a review or pooled result)",
    "centres": "centres",
}

SHARE_FIELDS = {
    "percent": "share of participants, percent",
    "percent_units": "share of anything else (sides, striae, lesions), percent",
    "percent_change": "mean change, percent of baseline",
    "percent_unclear": "a percentage of which it is not stated what it counts",
}

NUMBER_FIELDS = {
    "person_time": "person-time at risk, in the outcome's unit",
    "mean": "mean",
    "sd": "standard deviation",
    "se": "standard error",
    "spread_unstated": "a spread printed without saying which",
    "median": "median",
    "q1": "first quartile",
    "q3": "third quartile",
    "min": "smallest value",
    "max": "largest value",
    "mean_diff": "difference of means",
    "se_diff": "standard error of a difference",
    "r": "correlation",
    "icc": "intracluster correlation",
    "estimate": "estimate of the measure named in `measure`",
    "ci_lb": "lower confidence limit",
    "ci_ub": "upper confidence limit",
    "p": "p value",
    "statistic": "test statistic",
    "df": "degrees of freedom",
    "i2": "I², percent",
    "tau2": "between-study variance",
    "sessions": "treatment sessions",
    "sessions_min": "treatment sessions, fewest",
    "sessions_max": "treatment sessions, most",
    "interval_weeks": "weeks between sessions",
    "needle_mm": "needle length, mm",
    "needle_mm_min": "needle length, shortest, mm",
    "needle_mm_max": "needle length, longest, mm",
    "session_minutes": "minutes a session took",
    "followup_months": "follow-up, months",
    "age_mean": "mean age, years",
}

TEXT_FIELDS = {
    "allocation": "the words on how participants were divided",
    "indication": "what a device is cleared for",
    "cleared_on": "date of a clearance",
    "funding": "who paid",
    "statement": "a statement without a number",
}

FIELDS = COUNT_FIELDS | SHARE_FIELDS | NUMBER_FIELDS | TEXT_FIELDS
"""Every value that ``field`` of an extraction may take, with its meaning."""

SHARE_WORDS = {"all": 100, "half": 50}
"""Words read as a number where a share is printed."""

RANGES = {
    "percent": (0.0, 100.0),
    "percent_units": (0.0, 100.0),
    "percent_unclear": (0.0, 100.0),
    "i2": (0.0, 100.0),
    "p": (0.0, 1.0),
    "r": (-1.0, 1.0),
    "icc": (-1.0, 1.0),
    "sd": (0.0, float("inf")),
    "se": (0.0, float("inf")),
    "se_diff": (0.0, float("inf")),
    "tau2": (0.0, float("inf")),
    "person_time": (0.0, float("inf")),
}
"""Allowed range of the fields that have one."""
