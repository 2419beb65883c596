"""The learned encoder: MiniLM-L6 fine-tuned to mark mentions and to read deals between companies."""
