"""How much polling costs: `python -m benchmarks.poll` and `python -m benchmarks.poll.parse`, `….crowd`."""
