"""What the world printed, read as it stands: no arithmetic, nothing dropped silently."""
