"""The page and its routes; never torch."""
