"""A file of unsent work, sealed to the municipality, that any colleague's phone or the desk may deliver."""
