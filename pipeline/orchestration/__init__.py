"""Orchestration: the only room that knows Dagster.

Here: assets, checks, automation, resources, and running the refresh job in process. Not here: any domain rule; an
asset is a few lines around a function of the rooms below.
"""
