"""Photos: received whole or not at all, kept byte for byte, shown only as derivatives to who may see them."""
