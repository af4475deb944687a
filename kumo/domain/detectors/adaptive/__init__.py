"""The detector `adaptive`: each part in a module of its own, put together in `detector`.

A pure fold of the standard library alone: state and arrival give verdict and next state. Nothing is changed in place.
docs/detection.md says in plain words what each part does, where it comes from and what it is worth.
"""
