"""Where the time of a MadEvent job goes, before and after `mebridge inject`."""

from bridge.profile.job import Job, Run
from bridge.profile.parts import PARTS, part_of, shares
from bridge.profile.stacks import ProfileError, Recorder, Stack

__all__ = ["PARTS", "Job", "ProfileError", "Recorder", "Run", "Stack", "part_of", "shares"]
