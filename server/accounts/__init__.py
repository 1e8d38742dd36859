"""Accounts, devices, sessions: who is asking, and what they signed with."""
