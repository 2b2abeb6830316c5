"""Pure rules: no Qt, no I/O, no threads, no clock."""
