import { expect, it } from 'vitest'
import { happenedAt, type Clock } from '@/phone/clock'

const DAY = 86_400_000
const MINUTE = 60_000
const contact = Date.parse('2026-11-29T12:00:00Z')
/** It happened ten minutes after the service was last heard, which is heard again after twenty. */
const happened = contact + 10 * MINUTE
const now = contact + 20 * MINUTE
/** A clock that is wrong by so much (ms), and what is known of that. */
const clock = (at: number, wrong: number, known = wrong): Clock => ({ phone: at + wrong, ahead: -known, contact })

it.each([
  ['right all the time', 0, 0, 0],
  ['wrong all the time', 2 * DAY, 2 * DAY, 2 * DAY],
  ['set back before it happened', 0, -2 * DAY, -2 * DAY],
  ['reset to 2021 before it happened', 0, -1_900 * DAY, -1_900 * DAY],
  ['set forward before it happened', 0, 2 * DAY, 2 * DAY],
  ['put right before it happened', 2 * DAY, 0, 0],
  ['put right after it happened', 2 * DAY, 2 * DAY, 0],
  ['set back after it happened', 0, 0, -2 * DAY],
  ['set forward after it happened', 0, 0, 2 * DAY],
])('tells when it happened with a clock that was %s', (_, known, then, later) => {
  expect(happenedAt(clock(happened, then, known), clock(now, later))).toBe(happened)
})

it('says no time before the service was last heard from, and none to come', () => {
  const lost = happenedAt(clock(happened, -9 * DAY, 3 * DAY), clock(now, 5 * DAY))
  expect(lost).toBe(contact)
  expect(happenedAt(clock(happened, 9 * DAY, 3 * DAY), clock(now, 5 * DAY))).toBe(now)
})

it('goes by the phone’s clock where the service was never heard before, or its own was set back', () => {
  expect(happenedAt({ phone: happened, ahead: 0, contact: null }, clock(now, 0))).toBe(happened)
  expect(happenedAt({ phone: happened, ahead: 0, contact: now + DAY }, clock(now, 0))).toBe(happened)
})
