"""The register: one read model of every report, for the pages of the office."""
