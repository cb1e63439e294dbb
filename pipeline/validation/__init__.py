"""Validation: which records are accepted, and the account of every line and cell.

Here: the gate (Pandera, from schemas/) and the ledger. Not here: what a label means; the gate asks normalisation.
"""
