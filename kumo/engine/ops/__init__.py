"""Operations: API keys, health, verification, export and restore."""
