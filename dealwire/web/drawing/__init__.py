"""What charts show, worked out from rows of the warehouse: pure functions, without a browser or a database."""
