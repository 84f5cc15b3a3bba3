// Figures as they are told to others: each a pair or a plain number, and the period that they are of.
import { day, number, rate } from '@/shared/format'
import type { components } from '@/shared/api/schema'

export type Seen = components['schemas']['Board']
/** A figure by its name, with numerator and denominator, or with the number alone. */
export type Told = [name: string, numbers: number[]]
const COUNTED = ['tasks', 'cases', 'disputes', 'permits'] as const
const DAY = 86_400_000

/** Return all figures in the order and by the names in which they are published. */
export function numbersOf({ figures, counts }: Seen): Told[] {
  return [
    ...Object.entries(figures).map(([name, { numerator, denominator }]): Told => [name, [numerator, denominator]]),
    ...COUNTED.flatMap((group) => Object.entries(counts[group] as unknown as Record<string, number>).map(([name, count]): Told => [`${group}.${name}`, [count]])),
  ]
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
