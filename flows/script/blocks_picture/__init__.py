"""A light picture of a script's blocks, as SVG: ``lines`` reads, ``full`` and ``thumbnail`` draw. Pure."""
