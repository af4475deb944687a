"""Imports: read a bill, plan, reconcile it with the store, and summarise."""
