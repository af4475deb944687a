"""The use cases: read stored facts, ask the domain, store its decision, enqueue the next step."""
