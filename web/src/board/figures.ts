// The figures as the board groups them: which stands where, and whether more of it is better.
import type { components } from '@/shared/api/schema'
import { GROUPS, type Group } from '@/shared/figures'
import type { Pair } from '@/shared/format'

export type Overview = components['schemas']['Overview']
export type Grid = components['schemas']['GridFigures']
export type Place = components['schemas']['Place']
export type Figures = Record<string, Pair>
export type Part = 'numerator' | 'denominator'

export { FIGURES, GROUPS, ofEverySource, type Group } from '@/shared/figures'
/** Where disputes are mediated, the nearest first; a town's policy may have others. */
const LEVELS = ['courtyard', 'village', 'town']

/** The plain numbers of a group: those that it has always, and of disputes how many were resolved at each level. */
export function countsOf(group: Group, counts: Overview['board']['counts']): string[] {
  if (group.name !== 'disputes') return group.counts
  const found = Object.keys(counts.dispute_levels ?? {})
  const levels = [...LEVELS.filter((level) => found.includes(level)), ...found.filter((level) => !LEVELS.includes(level))]
  return [...group.counts, ...levels.map((level) => `dispute_levels.${level}`)]
}
/** Which group a figure or a plain number stands in. */
export const groupOf = (name: string): string => GROUPS.find(({ figures }) => figures.includes(name))?.name ?? name.split('.')[0]!
/** What a board without anybody at it shows in turn. */
export const CHIEF_FIGURES: readonly string[] = [
  'completion_rate', 'task_on_time_handling_rate', 'closure_rate', 'on_time_handling_rate', 'resolution_rate', 'visit_coverage',
]
const LESS_IS_BETTER = new Set(['task_rework_rate', 'task_overdue_rate', 'rework_rate', 'overdue_rate'])
const BAD_COUNTS = new Set(['tasks.overdue', 'cases.overdue'])

export const lessIsBetter = (figure: string): boolean => LESS_IS_BETTER.has(figure)
export const isBad = (count: string): boolean => BAD_COUNTS.has(count)

/** The share in percent, unrounded; null without data. */
export function share(pair: Pair | undefined): number | null {
  return pair === undefined || pair.denominator === 0 ? null : (100 * pair.numerator) / pair.denominator
}

export interface Change {
  /** Percentage points, rounded to two decimals. */
  points: number
  way: 'up' | 'down' | 'same'
  /** Whether that is good news; null where nothing has changed. */
  good: boolean | null
}

/** How a figure has changed against the period before; null where one of the two has no data. */
export function change(figure: string, now: Pair | undefined, before: Pair | undefined): Change | null {
  const [present, past] = [share(now), share(before)]
  if (present === null || past === null) return null
  const points = Math.round((present - past) * 100) / 100
  if (points === 0) return { points: 0, way: 'same', good: null }
  return { points, way: points > 0 ? 'up' : 'down', good: points > 0 !== lessIsBetter(figure) }
}

/** A plain number by the API's name, such as `tasks.open`. */
export function countOf(counts: Overview['board']['counts'], name: string): number {
  const [group, one] = name.split('.') as [keyof typeof counts, string]
  if (group === 'dispute_levels') return counts.dispute_levels[one]?.resolved ?? 0
  return (counts[group] as Record<string, number> | undefined)?.[one] ?? 0
}

/** The share in percent as a number, rounded as it is shown: half up to 2 decimals; null without data. */
export function percent(pair: Pair | undefined): number | null {
  if (pair === undefined || pair.denominator === 0) return null
  return Math.floor((20_000 * pair.numerator + pair.denominator) / (2 * pair.denominator)) / 100
}
