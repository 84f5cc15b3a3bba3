// What each event of the log is called: written by scripts/golden from the service's own words.
import words from './events.json'
import { locale } from './index'

/** Return what an event is called, in the reader's language. */
export function eventName(name: string): string {
  const found = (words as Record<string, string[]>)[name]
  return found?.[locale() === 'en' ? 1 : 0] ?? name
}
