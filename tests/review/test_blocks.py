"""What a notebook displays."""

from __future__ import annotations

from evsyn.review.blocks import BLOCK_MIME, SLOTS, Block
from evsyn.tables.provenance import Trace


def test_bundle_holds_html_text_and_traces():
    trace = Trace("1/2 = 50%", values=(("rate", 0.5),), parameters=(("file", "synthetic"),))
    block = Block("<p>x</p>", "x", (trace,), slot="aside", title="Limits")
    bundle = block._repr_mimebundle_()
    assert bundle["text/html"] == "<p>x</p>"
    assert bundle["text/plain"] == "x"
    content = bundle[BLOCK_MIME]
    assert (content["slot"], content["title"]) == ("aside", "Limits")
    assert content["traces"][0]["id"] == trace.trace_id
    assert content["traces"][0]["values"] == {"rate": 0.5}
    assert block.slot in SLOTS
    assert Block("a", "a").slot == "main"
