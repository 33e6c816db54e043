"""Forgetting persons and what is old: what is personal goes, the books and their proofs stay."""
