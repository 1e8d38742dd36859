"""The commands of ``manzana``, one file each; ``command`` is what the group finds."""
