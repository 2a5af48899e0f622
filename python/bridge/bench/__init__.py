"""Matrix elements a second: the engine beside the directory's Fortran and beside a peer (docs/bench.md)."""
