"""Normalisation: what the labels of a force mean, and how sure that is.

Here: the five vocabularies (platforms, outcomes, offences, ages, periods), the forces, and their reference
tables, each row with its source. A label without a row and without a structure that cannot be misread is
`Unmapped`; nothing near is ever taken. Not here: which column holds which label (intake), counting
(figures).
"""
