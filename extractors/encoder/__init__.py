"""The learned encoder behind names and deals: MiniLM-L6 and, for deals, MPNet beside it, fine-tuned on our own news.

onnxruntime runs them.
"""

from typing import Literal

Encoder = bool | Literal["small"]
"""Whether the learned encoder reads, too; "small": deals without its large network, several times faster."""
