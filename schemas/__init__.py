"""Pandera models of what the pipeline takes in, works on and gives out.

Their descriptions and units are the data dictionary; their `sources` are the column lineage.
Here: the models and the rules by name. Not here: how a rule is applied (pipeline/validation).
"""
