from __future__ import annotations

import evsyn.text


def test_public_names_are_sorted_and_exist():
    names = evsyn.text.__all__
    assert list(names) == sorted(names)
    assert all(callable(getattr(evsyn.text, name)) for name in names)
