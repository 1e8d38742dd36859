"""``python -m server`` is ``manzana``."""

from server.cli import main

main()
