"""What the studio talks about: specs, records, rules and arithmetic. No I/O, no torch."""
