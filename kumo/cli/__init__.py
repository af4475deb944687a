"""The commands of `kumo`, and the processes of `kumo up`."""
