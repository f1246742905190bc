"""Weighted means of effect sizes, their heterogeneity, and what each study does to them."""
