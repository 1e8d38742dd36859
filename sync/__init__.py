"""Documents, revisions and replication: a small CouchDB. It knows nothing of reports."""
