"""The data of Kumo in Redis: clients, key names, Lua scripts, and one module for each concept."""
