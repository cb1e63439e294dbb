"""From FOI extracts to figures that trace back to the source line.

One folder for each stage; which may import which is said in docs/decisions/0001-rooms-and-import-order.md.
"""

import os

# Arrow's own pool keeps what is given back to it: a tenth of the memory of a refresh, for no time won
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
