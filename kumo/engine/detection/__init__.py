"""Detection: what arrived is judged by the policies that cover it, and explained."""
