"""The HTTP interface. An endpoint parses the request, calls one function of the engine, and returns."""
