/** Light, dark, or as the system says. `static/theme.js` has set it before the first paint; the admin shares the choice. */
import { need } from '../lib/dom'

type Choice = 'auto' | 'light' | 'dark'

const WORDS: Readonly<Record<Choice, string>> = { auto: 'as the system', light: 'light', dark: 'dark' }
const NEXT: Readonly<Record<Choice, Choice>> = { auto: 'light', light: 'dark', dark: 'auto' }
const ICONS: Readonly<Record<Choice, string>> = { auto: 'sun-moon', light: 'sun', dark: 'moon' }

/** Sent on `document` after each change; the editor takes its canvas along. */
export const THEME_CHANGED = 'flowsite:theme'

export function startTheme(): void {
  const button = document.querySelector('#theme')
  if (!(button instanceof HTMLButtonElement)) return
  const dark = window.matchMedia('(prefers-color-scheme: dark)')
  const show = (): void => {
    const choice = chosen()
    document.documentElement.dataset['bsTheme'] = choice === 'auto' ? (dark.matches ? 'dark' : 'light') : choice
    button.title = `Theme: ${WORDS[choice]}. Press for ${WORDS[NEXT[choice]]}.`
    button.setAttribute('aria-label', button.title)
    need('use', SVGUseElement, button).setAttribute('href', `/static/dist/icons.svg#${ICONS[choice]}`)
    document.dispatchEvent(new CustomEvent(THEME_CHANGED))
  }
  button.addEventListener('click', () => {
    localStorage.setItem('theme', NEXT[chosen()])
    show()
  })
  dark.addEventListener('change', show)
  show()
}

function chosen(): Choice {
  const stored = localStorage.getItem('theme')
  return stored === 'light' || stored === 'dark' ? stored : 'auto'
}
