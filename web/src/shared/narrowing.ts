// What figures and lists are narrowed down to: the categories and sources that the domain knows, and how that is said.
import { known, say } from './i18n'

export const CATEGORIES = [
  'patrol', 'visit', 'inspection', 'environment', 'safety', 'facilities', 'traffic', 'order', 'fire', 'flood', 'dyke', 'rescue', 'drowning', 'heat',
  'farming', 'health', 'publicity', 'statistics', 'insurance', 'students', 'service', 'duty', 'dispute', 'assistance', 'suggestion', 'complaint',
  'advice', 'permit', 'other', 'uncategorised',
]
export const SOURCES = ['grid_worker', 'resident', 'hotline', 'patrol', 'video', 'inspection', 'leader', 'department', 'import']

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
