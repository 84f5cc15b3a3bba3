// How it is said what figures and lists are narrowed down to.
import { known, say } from './i18n'

/** One category, one source of cases, or all. */
export interface Narrowing {
  category?: string | null
  source?: string | null
}

/** It in words, for titles and for what leaves the page; nothing for all. */
export function narrowedTo(to: Narrowing): string[] {
  return (['category', 'source'] as const).flatMap((name) => {
    const value = to[name]
    return value ? [say(`narrowed.${name}`, { one: known(`${name}.${value}`) ? say(`${name}.${value}`) : value })] : []
  })
}
