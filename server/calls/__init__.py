"""Whom the office owes a call, why, by when; and what came of it."""
