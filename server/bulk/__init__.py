"""One act on many reports: what is chosen, judged, done and told, each by itself."""
