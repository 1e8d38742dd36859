"""What a command refuses to do, as its operator reads it.

Law: apart from the operations themselves, so that a command that runs none of them does not load them all.
"""

from __future__ import annotations


class OperationRefused(Exception):
    """The text is the sentence for the operator."""
