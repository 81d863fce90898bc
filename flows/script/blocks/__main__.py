"""``python -m flows.script.blocks > frontend/src/editor/catalog.json``: the catalog as the front end keeps it."""

import sys

from flows.script.blocks.codec import catalog_text

sys.stdout.write(catalog_text())
