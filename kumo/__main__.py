"""`python -m kumo`: see kumo.cli.main."""

from kumo.cli.main import main

main()
