"""Prefect flows over `dealwire.steps`."""
