"""The case service: accounts, intake, mailboxes, evidence, pages. Imports ``sync``, never the reverse."""
