"""The detector `adaptive`: each part is a module; `detector` combines them.

It is a pure fold that uses only the standard library: state and arrival give verdict and next state. Nothing is
changed in place. docs/detection.md explains each part, its source and its worth.
"""
