// zh-CN first, English on request; each face adds one file of its own words to the shared ones.
import { createI18n } from 'vue-i18n'
import { kept, keep } from '@/shared/kept'
import shared from './shared'

export type Locale = 'zh-CN' | 'en'
/** A tree of words; leaves are texts. */
export interface Words {
  [key: string]: string | Words
}
export type Messages = Record<Locale, Words>

function asked(): Locale {
  const inAddress = new URLSearchParams(location.search).get('lang')
  if (inAddress === 'en' || inAddress === 'zh-CN') {
    keep('locale', inAddress)
    return inAddress
  }
  return kept<Locale>('locale') === 'en' ? 'en' : 'zh-CN'
}

export const i18n = createI18n({
  legacy: false,
  locale: asked(),
  fallbackLocale: 'zh-CN',
  messages: shared as unknown as Record<Locale, Record<string, never>>,
  missingWarn: import.meta.env.DEV,
  fallbackWarn: import.meta.env.DEV,
})

/** Add a face's words. */
export function addMessages(messages: Messages): void {
  for (const locale of ['zh-CN', 'en'] as const) {
    i18n.global.mergeLocaleMessage(locale, messages[locale])
  }
}

/** The language that is shown. */
export function locale(): Locale {
  return i18n.global.locale.value as Locale
}

/** Show the pages in another language, from now on. */
export function switchLocale(to: Locale): void {
  i18n.global.locale.value = to
  keep('locale', to)
  document.documentElement.lang = to
}

document.documentElement.lang = locale()

// The keys are made while the page runs, so their types would only be in the way (and are too deep to check).
const { t, te } = i18n.global as unknown as {
  t: (key: string, values?: Record<string, unknown>) => string
  te: (key: string, locale?: Locale) => boolean
}

/** Return the words for a key, outside of templates. */
export function say(key: string, values: Record<string, unknown> = {}): string {
  return t(key, values)
}

/** Tell whether there are words for a key. */
export function known(key: string): boolean {
  return te(key) || te(key, 'zh-CN')
}
