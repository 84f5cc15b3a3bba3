// The look of a page as it was chosen on this device, or else as the address or the device says.
import { keep, kept } from './kept'

export type Locale = 'zh-CN' | 'en'
export type Theme = 'light' | 'dark'

/** The language to begin in: zh-CN first, English on request. What the address asks for, it asks for once. */
export function firstLocale(): Locale {
  const address = new URL(location.href)
  const asked = address.searchParams.get('lang')
  if (asked === 'en' || asked === 'zh-CN') {
    keep('locale', asked)
    showLocale(asked)
    address.searchParams.delete('lang')
    history.replaceState(history.state, '', address)
  }
  // A browser that keeps nothing still has what the page was begun in.
  return (kept<string>('locale') ?? document.documentElement.lang) === 'en' ? 'en' : 'zh-CN'
}

/** Show a language's own glyphs, and its words where the page itself holds some. */
export function showLocale(locale: Locale): void {
  document.documentElement.lang = locale
}

/** Show light or dark colours. */
export function showTheme(theme: Theme): void {
  document.documentElement.classList.toggle('dark', theme === 'dark')
}

/** How the device is set. */
export const darkDevice = matchMedia('(prefers-color-scheme: dark)')

/** The theme that was chosen; null: as the device is set. */
export function chosenTheme(): Theme | null {
  return kept<Theme>('theme')
}
