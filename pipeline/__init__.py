"""Figures from Freedom of Information extracts that open back to their source lines.

Rooms import downwards only, see docs/decisions/0001-rooms.md.
"""
