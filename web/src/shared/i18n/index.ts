// zh-CN first, English on request; each face adds one file of its own words to the shared ones.
import { readonly, ref } from 'vue'
import { keep } from '@/shared/kept'
import { firstLocale, showLocale, type Locale } from '@/shared/look'
import shared from './shared'

export type { Locale }
/** A tree of words; leaves are texts. */
export interface Words {
  [key: string]: string | Words
}
export type Messages = Record<Locale, Words>

type Values = Record<string, unknown>

/** Which words go with a number; one that is written with separators is of many. */
const counts: Partial<Record<Locale, Intl.PluralRules>> = {}
const cut = new Map<string, string[]>()

/** Our words hold nothing but `{places}` and, as a number in a place asks for, `{place|word for one|word for many}`. */
function fill(words: string, values: Values, language: Locale): string {
  if (!words.includes('{')) return words
  let parts = cut.get(words)
  if (parts === undefined) cut.set(words, (parts = words.split(/\{(\w+(?:\|[^{}|]*\|[^{}|]*)?)\}/)))
  return parts.map((part, n) => (n % 2 === 0 ? part : place(part))).join('')

  function place(part: string): string {
    const [name, one, many] = part.split('|')
    const value = values[name!]
    if (one === undefined) return String(value ?? '')
    counts[language] ??= new Intl.PluralRules(language)
    return (counts[language].select(Number(value)) === 'one' ? one : many)!
  }
}

const all: Messages[] = [shared]
const found: Record<Locale, Map<string, string | null>> = { 'zh-CN': new Map(), en: new Map() }

/** Add a face's words. */
export function addMessages(messages: Messages): void {
  all.push(messages)
  for (const before of Object.values(found)) before.clear()
}

/** The words for a key, or null; those that were added last win. */
function find(key: string, language: Locale): string | null {
  let words = found[language].get(key)
  if (words !== undefined) return words
  const path = key.split('.')
  words = null
  for (const messages of all) {
    const at = path.reduce<string | Words | undefined>((tree, name) => (typeof tree === 'object' ? tree[name] : undefined), messages[language])
    if (typeof at === 'string') words = at
  }
  found[language].set(key, words)
  return words
}

const shown = ref(firstLocale())

/** The language that is shown. */
export function locale(): Locale {
  return shown.value
}

/** Show the pages in another language, from now on. */
export function switchLocale(to: Locale): void {
  shown.value = to
  keep('locale', to)
  showLocale(to)
}

showLocale(locale())

function t(key: string, values: Values = {}): string {
  for (const language of [shown.value, 'zh-CN'] as const) {
    const words = find(key, language)
    if (words !== null) return fill(words, values, language)
  }
  if (import.meta.env.DEV) console.warn(`no words for ${key}`)
  return key
}
const te = (key: string): boolean => find(key, shown.value) !== null
const used = { t, te, locale: readonly(shown) }

/** What templates need: `t`, the words for a key; `te`, whether there are any in the language shown; and which that is. */
export function useI18n(): typeof used {
  return used
}

/** Return the words for a key, outside of templates. */
export function say(key: string, values: Values = {}): string {
  return t(key, values)
}

/** Tell whether there are words for a key. */
export function known(key: string): boolean {
  return te(key) || find(key, 'zh-CN') !== null
}
