"""One module a verb; each is loaded when its verb is asked for."""
