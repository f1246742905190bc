"""What a meta-analysis needs from what a study prints instead."""
