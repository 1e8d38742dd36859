"""Municipal files become documents: areas, catalogue, rules, padrón, accounts and an old system's reports."""
