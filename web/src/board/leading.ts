// What a supervisor may do about an item behind a number: answer its escalation, give an instruction.
// Whether it is allowed is decided by the service alone; this only says where it makes sense to offer it.
import type { components } from '@/shared/api/schema'
import { DAY, dayOf, shownAt } from './time'

export type Lead = 'answer-escalation' | 'instruct'
type Item = components['schemas']['TaskItem'] | components['schemas']['CaseItem']

/** Nothing is left to do about these. */
const ENDED = new Set(['closed', 'cancelled', 'refused', 'not_registered', 'self_handled', 'merged', 'voided', 'struck_off', 'compliant', 'corrected'])
const HOUR = 3_600_000

/** Return what to offer about an item. */
export function leadsFor(item: Item): Lead[] {
  if (ENDED.has(item.status)) return []
  return unanswered(item) ? ['answer-escalation', 'instruct'] : ['instruct']
}

/** Whether it has escalated further since somebody last answered, and its clock runs. */
function unanswered(item: Item): boolean {
  if (!item.escalated_at || item.handled_at || item.status === 'suspended') return false
  return !item.escalation_answered_at || Date.parse(item.escalation_answered_at) < Date.parse(item.escalated_at)
}

/** Whether its time runs by the clock, day and night. */
const emergent = ({ rule }: Item): boolean => (rule ?? '').endsWith('/emergency')

/**
 * What is usually promised: an outcome by the end of a day, the next working one if little of this is left; in two hours in an emergency.
 * `worked` are the working days from today on, as far as the service says; beyond, every weekday is one.
 */
export function usualPromise(item: Item, now: number, worked: string[] = []): string {
  if (emergent(item)) return shownAt(now + 2 * HOUR)
  let at = Date.parse(`${dayOf(now)}T18:00+08:00`)
  const told = worked.at(-1) ?? ''
  const off = (day: string): boolean => (day <= told ? !worked.includes(day) : [0, 6].includes(new Date(day).getUTCDay()))
  while (at < now + 2 * HOUR || off(dayOf(at))) at += DAY
  return shownAt(at)
}
