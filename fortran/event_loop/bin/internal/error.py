"""What a user can put right."""


class RunError(Exception):
    """Its text says what is wrong, and names the file and line or the log."""
