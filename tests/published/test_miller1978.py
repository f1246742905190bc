"""Miller (1978), The American Statistician 32:138: the inverse of the double arcsine.

Four proportions; figures of page 138, which metafor's own tests hold, to the four decimals
printed. Miller's transform is twice, and its variance four times, that of the measure PFT.
"""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats import back_transform, effect_sizes

EVENTS, SIZES = [3, 6, 10, 1], [11, 17, 21, 6]
HALF = 5.1e-5


def test_transforms_and_variances():
    found = effect_sizes("PFT", events=EVENTS, n=SIZES)
    np.testing.assert_allclose(2 * found.yi, [1.1391, 1.2888, 1.5253, 0.9515], atol=HALF)
    np.testing.assert_allclose(4 * found.vi, [0.0870, 0.0571, 0.0465, 0.1538], atol=HALF)


def test_means_and_their_inverses():
    found = effect_sizes("PFT", events=EVENTS, n=SIZES)
    plain = found.yi.mean()
    weighted = (found.yi / found.vi).sum() / (1 / found.vi).sum()
    assert 2 * plain == pytest.approx(1.2262, abs=HALF)
    assert 2 * weighted == pytest.approx(1.3093, abs=HALF)
    assert back_transform(plain, "PFT", n=SIZES) == pytest.approx(0.3164, abs=HALF)
    assert back_transform(weighted, "PFT", n=SIZES) == pytest.approx(0.3595, abs=HALF)
