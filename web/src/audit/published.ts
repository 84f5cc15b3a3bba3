// Figures as they are told to others: each a pair or a plain number, and the period that they are of.
import { GROUPS } from '@/shared/figures'
import { day, number, rate } from '@/shared/format'
import { say } from '@/shared/i18n'
import type { components } from '@/shared/api/schema'

export type Seen = components['schemas']['Board']
/** A figure by its name, with numerator and denominator, or with the number alone. */
export type Told = [name: string, numbers: number[]]
const COUNTED = ['tasks', 'cases', 'disputes', 'permits'] as const
const DAY = 86_400_000

/** Return all figures by the names by which they are published. */
export function numbersOf({ figures, counts }: Seen): Told[] {
  return [
    ...Object.entries(figures).map(([name, { numerator, denominator }]): Told => [name, [numerator, denominator]]),
    ...COUNTED.flatMap((group) => Object.entries(counts[group] as unknown as Record<string, number>).map(([name, count]): Told => [`${group}.${name}`, [count]])),
  ]
}

/** Where on the board a figure stands: in which of its groups, and the how-manieth there. */
function placeOf(name: string): [group: number, place: number] {
  const kind = name.includes('.') ? name.split('.')[0]! : null
  const group = GROUPS.findIndex((one) => (kind === null ? one.figures.includes(name) : one.counts.some((count) => count.startsWith(`${kind}.`))))
  const { figures, counts, more } = GROUPS[group] ?? { figures: [], counts: [], more: [] }
  const place = [...figures, ...counts, ...more].indexOf(name)
  return [group < 0 ? GROUPS.length : group, place < 0 ? Infinity : place]
}

export interface Section<T> {
  /** By the board's name; empty for what the board doesn't know. */
  group: string
  rows: T[]
}
/** Put figures in the board's order, and into its groups; what the board leaves out stands behind the others of its group. */
export function asOnBoard<T>(all: readonly T[], nameOf: (one: T) => string): Section<T>[] {
  const placed = all.map((one) => ({ one, at: placeOf(nameOf(one)) }))
  placed.sort((a, b) => a.at[0] - b.at[0] || (a.at[1] === b.at[1] ? 0 : a.at[1] - b.at[1]))
  const sections = new Map<string, T[]>()
  for (const { one, at } of placed) {
    const group = GROUPS[at[0]]?.name ?? ''
    sections.set(group, [...(sections.get(group) ?? []), one])
  }
  return [...sections].map(([group, rows]) => ({ group, rows }))
}

export function told(numbers: readonly number[] | undefined): string {
  const [numerator, denominator] = numbers ?? []
  if (numerator === undefined) return '—'
  if (denominator === undefined) return number(numerator)
  return `${number(numerator)}/${number(denominator)} (${rate({ numerator, denominator })})`
}

/** The day after a day: where a period ends that holds it. */
export function afterDay(text: string): string {
  return day(Date.parse(`${text}T00:00:00+08:00`) + DAY)
}

/** The first and the last day of the month before, which is what is mostly told. */
export function monthBefore(now: number): { from: string; until: string } {
  const until = day(Date.parse(`${day(now).slice(0, 7)}-01T00:00:00+08:00`) - DAY)
  return { from: `${until.slice(0, 7)}-01`, until }
}

/** A period by its first and its last day, either of which may be left open: the figures then go on to their own time. */
export function periodOf(first: string, last: string): string {
  if (first && last) return say('audit.periodFromUntil', { first, last })
  return first ? say('audit.periodSince', { first }) : last ? say('audit.periodUntil', { last }) : say('audit.periodOpen')
}
