"""What a month comes to: closed once, drawn from, asked about."""
