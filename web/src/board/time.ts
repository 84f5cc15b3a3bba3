// Moments and windows of the board, in the calendar of Asia/Shanghai: what the slider and the address mean.

/** China has one zone and, since 1991, no summer time. */
export const OFFSET = 8 * 3_600_000
export const DAY = 86_400_000

export const WINDOWS = ['month', 'quarter', 'year', 'since'] as const
export type WindowName = (typeof WINDOWS)[number]
export interface Span {
  /** The day that it begins with; it ends at the moment that is looked at. */
  from: string
  /** The day that the period before begins with; it ends where this one begins. */
  before: string
  /** When the period before was as old as this one is: what is still going on is compared with what was going on then. */
  asOf: number
}

const two = (n: number): string => String(n).padStart(2, '0')
const local = (at: number): Date => new Date(at + OFFSET)
const named = (year: number, month: number, day: number): string => {
  const date = new Date(Date.UTC(2000, 12 * (year - 2000) + month, day)) // Date.UTC takes years below 100 for others
  return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`
}

/** The day in Shanghai, `2023-07-01`. */
export function dayOf(at: number): string {
  const date = local(at)
  return named(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
}

/** How a moment stands in the address: `2023-07-01T18:00`, Shanghai's time. */
export function shownAt(at: number): string {
  const date = local(at)
  return `${dayOf(at)}T${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
}

/** Read a moment from the address: a day (its first moment, as the API has it), a day with a time, or with a zone too. */
export function parsedAt(text: string): number | null {
  const found = /^(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(:\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.exec(text)
  if (found === null) return null
  const named = new Date(`${found[1]}T00:00Z`)
  // The 30th of February is none, whatever a browser makes of it.
  if (Number.isNaN(named.getTime()) || !named.toISOString().startsWith(found[1]!)) return null
  const at = Date.parse(`${found[1]}T${found[2] ?? '00:00'}${found[3] ?? ':00'}${found[4] ?? '+08:00'}`)
  return Number.isNaN(at) ? null : at
}

/** The first moment of a day that was read from the address or a field; null for what is none. */
export function parsedDay(text: string): string | null {
  return /^\d{4}-\d\d-\d\d$/.test(text) && parsedAt(text) !== null ? text : null
}

/**
 * The window of a name as of a moment, and the one before.
 *
 * The very first moment of a month is the last of the month before: a board at midnight shows what has just ended.
 */
export function windowAt(name: WindowName, at: number, since: string | null): Span {
  const date = local(at - 1)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  const quarter = month - (month % 3)
  if (name === 'since' && since !== null) {
    const begin = parsedAt(since)!
    const days = Math.max(1, Math.ceil((at - begin) / DAY))
    return { from: since, before: dayOf(begin - days * DAY), asOf: begin }
  }
  const [from, before] =
    name === 'year' ? [named(year, 0, 1), named(year - 1, 0, 1)]
    : name === 'quarter' ? [named(year, quarter, 1), named(year, quarter - 3, 1)]
    : [named(year, month, 1), named(year, month - 1, 1)]
  const age = at - parsedAt(from)!
  return { from, before, asOf: Math.min(parsedAt(from)!, parsedAt(before)! + age) }
}

/** Where it ends: with the day that has just ended or goes on; the log's very first moment is of the day that begins. */
export function trendUntil(at: number, began: number): string {
  return dayOf(Math.max(at - 1, began) + DAY)
}

/** Where a trend of twelve months begins: with the month that lies eleven before, or that in which the log began. */
export function trendFrom(at: number, began: number, step: 'week' | 'month'): string {
  const [date, first] = [local(Math.max(at - 1, began)), local(began)]
  const months = Math.max(date.getUTCFullYear() * 12 + date.getUTCMonth() - 11, first.getUTCFullYear() * 12 + first.getUTCMonth())
  if (step === 'month') return named(0, months, 1)
  // Weeks are whole ones: the first is the one in which that month begins.
  const weekday = new Date(Date.UTC(2000, months - 12 * 2000, 1)).getUTCDay()
  return named(0, months, 1 - ((weekday + 6) % 7))
}
