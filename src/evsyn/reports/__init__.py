"""Notebooks run, pages made of what they display, and both only where something changed.

``build.build`` runs, ``status.status`` and ``status.find_trace`` only read.
"""
