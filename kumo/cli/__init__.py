"""The commands of `kumo`, and what `kumo up` runs."""
