"""The demo content: a fleet of ten on this machine, flows that show what Flowsite does, and an account to sign in with.

It touches nothing but its own objects and the directory ``demo`` of the data directory.
"""
