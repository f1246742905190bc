"""Values in R: nothing read from a file leaves its string."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evsyn.text.r_language import r_comment, r_number, r_string, r_vector


@given(st.text())
def test_a_string_ends_where_it_ends(text):
    written = r_string(text)
    assert written.isascii()
    assert written.isprintable()
    inside = written[1:-1]
    assert written[0] == written[-1] == '"'
    at = 0
    while at < len(inside):
        assert inside[at] != '"'
        at += 2 if inside[at] == "\\" else 1
    assert at == len(inside), "a backslash escapes the closing quote"


@given(st.text())
def test_a_comment_is_one_line(text):
    written = r_comment(text)
    assert len(written.splitlines()) == 1
    assert written.isascii()


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_keeps_its_digits(value):
    assert float(r_number(value)) == value


def test_what_is_missing_is_na():
    assert r_vector([None, float("nan"), float("-inf"), 2]) == "c(NA, NA, -Inf, 2)"


@settings(max_examples=1)
@given(st.just(["plain", 'quo"te', "back\\slash", "tab\tline\n", "ünï", "\U0001f600", "\\u0041"]))
def test_r_reads_what_was_written(texts):
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed")
    code = f"for (x in {r_vector(texts)}) cat(utf8ToInt(x), '\\n')"
    done = subprocess.run(["Rscript", "-e", code], capture_output=True, text=True, check=True)
    read = ["".join(chr(int(code)) for code in line.split()) for line in done.stdout.splitlines()]
    assert read == texts
