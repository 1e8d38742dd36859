"""What the town hall prints: plain data in, the bytes of a PDF out."""
