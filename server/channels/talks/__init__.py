"""Conversations as the town hall keeps them: durable from the first word, counted, erasable."""
