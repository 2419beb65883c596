"""The pipeline as plain functions."""
