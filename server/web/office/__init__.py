"""The office's pages under ``/gestion/``: plain HTML that works without a script."""
