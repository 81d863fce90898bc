"""The pages in a real Chromium, against the real ``up``; used only as a person could."""
