"""The padrón: blocks, sectors, who leads them, who is proposed, who follows."""
