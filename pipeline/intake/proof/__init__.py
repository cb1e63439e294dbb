"""Proof: what follows from a file that no manifest describes, and only what can be seen in one way.

Here: its delimiter, the header and extent of its table, the tables of a workbook or letter.
Not here: how a file is opened, and what a manifest says of it (intake/reading.py).
"""
