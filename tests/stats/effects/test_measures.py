"""The table of measures hangs together."""

from __future__ import annotations

import pytest

from evsyn.stats.effects._measures import DEFINITIONS


@pytest.mark.parametrize("code", DEFINITIONS)
def test_definition(code):
    found = DEFINITIONS[code]
    assert set(found.rows) | set(found.spare) == set(found.names)
    assert not set(found.rows) & set(found.spare)
    assert bool(found.cells) != bool(found.sizes)
    assert found.add == (0 if code in {"AS", "PAS", "PFT", "IRSD", "IRS"} else 0.5)
    assert (found.nothing is not None) == (
        code[:2] in {"RR", "OR", "RD", "AS", "PE", "MP"} or (code in {"IRR", "IRD", "IRSD"})
    )
    if found.sizes:
        assert all(name.startswith("n") for name in found.rows[: found.sizes])
        assert not any(name.startswith("n") for name in found.rows[found.sizes :])
        assert found.least > 0
    assert not found.stand_in or set(found.stand_in) <= set(found.rows)


def test_the_measures():
    assert " ".join(DEFINITIONS) == (
        "RR OR RD AS PETO MPRR MPOR MPRD MPORC PR PLN PLO PAS PFT IRR IRD IRSD IR IRLN IRS "
        "MD SMD SMDH SMD1 ROM VR CVR MN MNLN MC SMCC SMCR ROMC COR UCOR ZCOR"
    )
