"""From claims to deals to alliances."""
