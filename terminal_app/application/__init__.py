"""Performs the effects of a session through ports; login; enrolment."""
