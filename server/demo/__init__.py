"""A whole small municipality, invented: for demonstrations, screenshots and tests."""
