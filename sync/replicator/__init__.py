"""Replication between any two databases that implement the engine's interface."""

from sync.replicator.progress import Progress
from sync.replicator.replication import Options, Replication, Result, replicate

__all__ = ["Options", "Progress", "Replication", "Result", "replicate"]
