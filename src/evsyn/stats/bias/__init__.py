"""Small-study effects and selective publication."""
