"""A web server that misbehaves in every way we know of, over real sockets, and what must become of each."""
