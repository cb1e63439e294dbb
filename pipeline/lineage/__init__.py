"""Lineage: from a figure back to its lines, and a second count that trusts none of the first.

Here: trace, recount. Not here: building figures; nothing in this room writes a store file.
"""
