"""Contacts and products of Scoro: which client, vendor or article each is."""
