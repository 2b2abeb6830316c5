"""The demonstration: a platform, simulated devices and, headless, a scripted crowd. Never reachable from `run`."""
