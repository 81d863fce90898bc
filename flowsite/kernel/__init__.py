"""What every part stands on: errors, access, audit, encryption, the shape of the API. Imports none of ours."""
