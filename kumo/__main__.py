"""`python -m kumo`: see kumo.cli."""

from kumo.cli import main

main()
