"""The project as its users hold it: configuration, ledger, results."""
