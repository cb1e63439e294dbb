"""Intake: what arrived, read strictly as text.

Here: the disclosure manifest, the reader of delimited files, the source layer.
Not here: any judgement of values (validation) or of their meaning (normalisation).
"""
