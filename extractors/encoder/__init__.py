"""The learned encoder behind names and deals: MiniLM-L6 fine-tuned on our own annotated news, run by onnxruntime."""
