"""Subscribers are told of alliances: who fits, what is said, how it is sent, and that it is said once."""
