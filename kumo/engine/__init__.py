"""The use cases: fetch facts, ask the domain, store what it decides, ask for the next step."""
