// zh-CN first, English on request; each face adds one file of its own words to the shared ones.
import { createI18n, type MessageContext } from 'vue-i18n'
import { keep } from '@/shared/kept'
import { firstLocale, showLocale, type Locale } from '@/shared/look'
import shared from './shared'

export type { Locale }
/** A tree of words; leaves are texts. */
export interface Words {
  [key: string]: string | Words
}
export type Messages = Record<Locale, Words>

type Filled = (context: MessageContext) => string
interface Filling {
  [key: string]: Filled | Filling
}

/** Which words go with a number; one that is written with separators is of many. */
const counts = { 'zh-CN': new Intl.PluralRules('zh-CN'), en: new Intl.PluralRules('en') }

/**
 * Our words hold nothing but `{places}` and, as a number in a place asks for, `{place|word for one|word for many}`: what reads
 * vue-i18n's own syntax is left out of the pages.
 */
function filled(words: string, locale: Locale): Filled {
  let parts: string[] | null = null
  return ({ named }) => {
    parts ??= words.split(/\{(\w+(?:\|[^{}|]*\|[^{}|]*)?)\}/)
    return parts.map((part, n) => (n % 2 === 0 ? part : fill(part))).join('')

    function fill(place: string): string {
      const [name, one, many] = place.split('|')
      const value = named(name!)
      if (one === undefined) return String(value ?? '')
      return (counts[locale].select(Number(value)) === 'one' ? one : many)!
    }
  }
}
function filling(words: Words, locale: Locale): Filling {
  return Object.fromEntries(
    Object.entries(words).map(([key, value]) => [key, typeof value === 'string' ? filled(value, locale) : filling(value, locale)]),
  )
}

export const i18n = createI18n({
  legacy: false,
  locale: firstLocale(),
  fallbackLocale: 'zh-CN',
  missingWarn: import.meta.env.DEV,
  fallbackWarn: import.meta.env.DEV,
})

/** Add a face's words. */
export function addMessages(messages: Messages): void {
  for (const locale of ['zh-CN', 'en'] as const) {
    i18n.global.mergeLocaleMessage(locale, filling(messages[locale], locale))
  }
}

addMessages(shared)

/** The language that is shown. */
export function locale(): Locale {
  return i18n.global.locale.value as Locale
}

/** Show the pages in another language, from now on. */
export function switchLocale(to: Locale): void {
  i18n.global.locale.value = to
  keep('locale', to)
  showLocale(to)
}

showLocale(locale())

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
