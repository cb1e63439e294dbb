"""Figures: what is counted, by what, and what is derived from it.

Here: the catalogue (pure data), the builder that turns a declaration into SQL, the derived figures.
Not here: how a figure is traced (lineage) or published (publication).
"""
