"""Figures from Freedom of Information extracts that open back to their source lines.

Rooms import downwards only, see docs/decisions/0001-rooms-and-import-order.md.
"""

import os

# Arrow's own pool keeps what is given back to it: a tenth of the memory of a refresh, for no time won
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
