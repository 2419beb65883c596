"""From text to records: the spaCy pipeline, the built-in extractors and the registry."""
