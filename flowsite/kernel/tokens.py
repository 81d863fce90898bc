"""Token authentication: ``Authorization: Token ...``."""

from typing import Any

from rest_framework.authentication import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed


class PrintableTokens(TokenAuthentication):
    """Tokens as the library makes them; a key that no database could look up is refused before it is asked."""

    def authenticate_credentials(self, key: str) -> Any:
        """The user and the token."""
        if not key.isprintable():
            raise AuthenticationFailed("Invalid token.")
        return super().authenticate_credentials(key)
