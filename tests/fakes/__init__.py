"""Stand-ins for services outside the project, real enough to be talked to over a socket."""
