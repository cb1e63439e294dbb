"""Withdrawal: an answer, or some extracts of it, is taken out of everything we hold, and leaves a tombstone."""
