"""``python -m tests.pictures``: draws the pictures of docs/execution.md anew, and tells their plans beside them."""

from tests.pictures.pages import PAGE, PICTURES, drawn, figures, plan_of
from tests.pictures.words import told


def main() -> None:
    """Write every picture, remove those that the page no longer has."""
    PICTURES.mkdir(exist_ok=True)
    page = PAGE.read_text()
    found = list(figures())
    for figure in found:
        (PICTURES / f"{figure.name}.svg").write_text(drawn(figure))
        page = page.replace(
            f"![{figure.told}](pictures/{figure.name}.svg", f"![{told(plan_of(figure))}](pictures/{figure.name}.svg"
        )
    PAGE.write_text(page)
    for path in PICTURES.glob("*.svg"):
        if path.stem not in {figure.name for figure in found}:
            path.unlink()


if __name__ == "__main__":
    main()
