"""SVG as text: elements with their attributes in the order given, everything from outside escaped."""

from xml.sax.saxutils import escape

SVG = "http://www.w3.org/2000/svg"


def element(name: str, *children: str, **attributes: str | float | None) -> str:
    """An element of markup. ``aria_label`` is ``aria-label``, ``class_`` is ``class``; None leaves one out."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_attribute(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(children)
    return f"<{name}{said}>{inside}</{name}>" if inside else f"<{name}{said}/>"


def words(text: str) -> str:
    """Text as markup."""
    return escape(text)


def _attribute(value: str | float) -> str:
    return escape(f"{value:g}" if isinstance(value, float) else str(value), {'"': "&quot;"})
