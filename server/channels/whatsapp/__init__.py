"""WhatsApp Business Platform, Cloud API: what comes by its webhook, and what goes out by its messages."""
