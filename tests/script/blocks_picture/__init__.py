"""Pictures of blocks; ``drawn`` holds some of them."""
