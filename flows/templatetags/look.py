"""Icons, states and instants, drawn by the server as the pages' scripts draw them."""

from datetime import UTC, datetime

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flows.script.step_words import step_phrase
from flows.web.states import looks

register = template.Library()


@register.simple_tag
def icon(name: str, css: str = "icon") -> SafeString:
    """A decorative icon of the sprite; the word beside it says what it means."""
    address = f"{static('dist/icons.svg')}#{name}"
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', css, address)


@register.simple_tag
def state(value: str) -> SafeString:
    """Icon and word in the colour of the state."""
    look = looks()[value]
    return format_html(
        '<span class="state tone-{}" data-state="{}">{}{}</span>', look["tone"], value, icon(look["icon"]), look["word"]
    )


@register.simple_tag
def step_words(step: str, name: str | None) -> str:
    """What the step is called on every page."""
    return step_phrase(step, name)


@register.simple_tag
def picture(svg: str) -> SafeString:
    """A picture that ``flows.script.blocks_picture`` drew: it has escaped everything that is not its own."""
    return SafeString(svg)


@register.simple_tag
def instant(at: datetime | None, absent: str = "–") -> SafeString:
    """An instant, in UTC until the page's script writes it in the viewer's zone."""
    if at is None:
        return format_html("{}", absent)
    told = at.astimezone(UTC)
    return format_html('<time datetime="{}">{} UTC</time>', told.isoformat(), f"{told:%Y-%m-%d %H:%M:%S}")


@register.simple_tag
def try_mark() -> SafeString:
    """The mark of a try, as ``frontend/src/lib/tries.ts`` draws it."""
    return format_html(
        '<span class="try-mark" title="It really ran, and counts in no statistics">{}Try</span>', icon("flask")
    )
