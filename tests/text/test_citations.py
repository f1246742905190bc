from __future__ import annotations

from evsyn.text.citations import cite, named


def test_each_source_is_cited_once():
    made = cite(["b2001", "a2002", "b2001"])
    assert made.count("<a ") == 2
    assert made.index("b2001") < made.index("a2002")


def test_key_is_escaped():
    assert 'data-cite="a&quot;b"' in cite(['a"b'])


def test_name_stays_a_name():
    assert named("Doe <2001>", ["d"]).startswith('<span class="name">Doe &lt;2001&gt;</span>')
