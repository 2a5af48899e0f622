"""What bin/generate_events and bin/madevent are made of: Python's standard library and this directory alone."""
