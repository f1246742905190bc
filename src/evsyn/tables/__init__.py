"""Evidence tables: the schema, the checked ledger, and the tidy table with its statuses."""
