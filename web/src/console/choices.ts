// What the console's forms and filters let one choose from.
import { CATEGORIES, SOURCES } from '@/shared/choices'
import { wordOr } from './items'

export * from '@/shared/choices'
export const CHANNELS = ['online', 'in_person', 'phone', 'letter', 'device', 'paper']
export const POSTS = ['chief', 'full_time', 'part_time', 'instructor']
export const GRADES = ['I', 'II', 'III', 'IV']
/** What comes by other ways than being issued or told. */
export const TASK_CATEGORIES = CATEGORIES.filter((name) => name !== 'dispute' && name !== 'permit' && name !== 'uncategorised')
export const CASE_CATEGORIES = CATEGORIES.filter((name) => name !== 'permit' && name !== 'uncategorised')
export const TOLD_SOURCES = SOURCES.filter((name) => name !== 'import')

/** Values with their words, for a field to choose from. */
export const choicesOf = (group: string, values: readonly string[]): [string, string][] => values.map((one) => [one, wordOr(group, one)])
