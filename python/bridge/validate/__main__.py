import sys

from bridge.validate.command import main

sys.exit(main())
