"""Derived figures: made of counted figures, or null with the reason why they may not be."""
