"""Persons: several citizen documents that one human said are one, and what is put right in them."""
