"""The site: settings, addresses, checks, and the services' supervisor."""
