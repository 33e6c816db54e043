"""Exactly what will be sent, and what becomes of each document that is not."""
