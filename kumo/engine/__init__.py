"""The use cases: read what is known, ask the domain, store what it decides, ask for the next step."""
