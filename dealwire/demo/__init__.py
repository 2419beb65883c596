"""The bundled sample site."""
