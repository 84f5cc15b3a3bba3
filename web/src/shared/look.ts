// The look of a page as it was chosen on this device, or else as the address or the device says.
import { keep, kept } from './kept'

export type Locale = 'zh-CN' | 'en'
export type Theme = 'light' | 'dark'

/** The language to begin in: zh-CN first, English on request. */
export function firstLocale(): Locale {
  const inAddress = new URLSearchParams(location.search).get('lang')
  if (inAddress === 'en' || inAddress === 'zh-CN') {
    keep('locale', inAddress)
    return inAddress
  }
  return kept<Locale>('locale') === 'en' ? 'en' : 'zh-CN'
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
