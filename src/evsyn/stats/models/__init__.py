"""Models for counts, for dependent effects and for networks of treatments."""
