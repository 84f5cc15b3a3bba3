// The figures as the board groups them: which stands where, and whether more of it is better.
import type { components } from '@/shared/api/schema'
import type { Pair } from '@/shared/format'

export type Overview = components['schemas']['Overview']
export type Grid = components['schemas']['GridFigures']
export type Place = components['schemas']['Place']
export type Figures = Record<string, Pair>
export type Part = 'numerator' | 'denominator'

export interface Group {
  name: 'tasks' | 'cases' | 'disputes' | 'service'
  /** The first is the one that counts most. */
  figures: string[]
  /** Plain numbers, by the API's names. */
  counts: string[]
}

export const GROUPS: readonly Group[] = [
  {
    name: 'tasks',
    figures: [
      'completion_rate', 'task_acceptance_rate', 'task_timely_acceptance_rate', 'task_handling_rate', 'task_on_time_handling_rate',
      'task_unit_closure_rate', 'task_on_time_closure_rate', 'task_rework_rate', 'task_overdue_rate',
    ],
    counts: ['tasks.issued', 'tasks.open', 'tasks.overdue', 'tasks.suspended', 'tasks.cancelled'],
  },
  {
    name: 'cases',
    figures: [
      'closure_rate', 'acceptance_rate', 'timely_acceptance_rate', 'handling_rate', 'on_time_handling_rate', 'unit_closure_rate',
      'on_time_closure_rate', 'rework_rate', 'overdue_rate',
    ],
    counts: ['cases.reported', 'cases.open', 'cases.overdue', 'cases.self_handled', 'cases.reopened', 'cases.merged'],
  },
  {
    name: 'disputes',
    figures: ['resolution_rate', 'strike_off_rate'],
    counts: ['disputes.accepted', 'disputes.mediated', 'disputes.struck_off'],
  },
  {
    name: 'service',
    figures: ['visit_coverage', 'online_share', 'report_rate', 'timeliness_rate', 'compliance_rate', 'correction_rate'],
    counts: ['permits.decided', 'permits.faulted'],
  },
]
export const FIGURES: readonly string[] = GROUPS.flatMap(({ figures }) => figures)
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
  return (counts[group] as Record<string, number> | undefined)?.[one] ?? 0
}

/** The share in percent as a number, rounded as it is shown: half up to 2 decimals; null without data. */
export function percent(pair: Pair | undefined): number | null {
  if (pair === undefined || pair.denominator === 0) return null
  return Math.floor((20_000 * pair.numerator + pair.denominator) / (2 * pair.denominator)) / 100
}
