"""Table in, table out: rates, comparisons, pooled effects, claims, each row with its trace."""
