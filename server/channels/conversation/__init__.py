"""The one conversation machine behind every chat and form: state and message in; state, replies, acts out."""
