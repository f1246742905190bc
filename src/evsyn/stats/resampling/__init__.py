"""Many meta-analyses at once: permutation, bootstrap, subsets, chunks."""
