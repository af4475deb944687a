"""Imports: a bill is read, planned, reconciled with what the store holds, and summed up."""
