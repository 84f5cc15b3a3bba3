// Tasks and cases as this face shows them: what both have, and which way an item goes.
import type { components } from '@/shared/api/schema'
import { api, got, lastPosition } from '@/shared/api/client'
import type { Taken } from '@/shared/export/table'
import { wholeOf } from '@/shared/export/whole'
import { left, number } from '@/shared/format'
import { known, say } from '@/shared/i18n'
import type { Queue } from './queues'

export type Task = components['schemas']['TaskItem']
export type Case = components['schemas']['CaseItem']
export type Kind = 'task' | 'case'
/** Which steps an item goes through; a dispute and a permit are cases. */
export type Flow = 'task' | 'case' | 'dispute' | 'permit'
export type Item = (Task & { kind: 'task' }) | (Case & { kind: 'case' })

/** What an address may name an item by. */
export const ITEM = /^[0-9a-f]{32}$/

export interface Listed {
  items: Item[]
  total: number
  next: string | null
  as_of: string
  position: number
}
export type Filter = Record<string, string | number | boolean | string[] | undefined>

export function flowOf(item: Item): Flow {
  if (item.kind === 'task') return 'task'
  return item.category === 'dispute' ? 'dispute' : item.category === 'permit' ? 'permit' : 'case'
}

/** Ask for a page of a list; what is filtered by is named as the API names it. */
export async function listed(kind: Kind, filter: Filter, signal?: AbortSignal): Promise<Listed> {
  // What this tab wrote is to be in it, unless the list is one of the past.
  const query = { ...('known_at' in filter ? {} : { after: lastPosition() }), ...filter } as never
  const request = { params: { query }, ...(signal ? { signal } : {}) }
  if (kind === 'task') {
    const found = await got(api.GET('/api/v1/tasks', request))
    return { ...found, items: found.items.map((item) => ({ ...item, kind: 'task' as const })) } as Listed
  }
  const found = await got(api.GET('/api/v1/cases', request))
  return { ...found, items: found.items.map((item) => ({ ...item, kind: 'case' as const })) } as Listed
}

export async function oneItem(kind: Kind, id: string, signal?: AbortSignal): Promise<Item> {
  const request = { params: { path: { id }, query: { after: lastPosition() } }, ...(signal ? { signal } : {}) }
  if (kind === 'task') return { ...(await got(api.GET('/api/v1/tasks/{id}', request))), kind } as Item
  return { ...(await got(api.GET('/api/v1/cases/{id}', request))), kind } as Item
}

/** Return all of a list. */
export const wholeList = (kind: Kind, filter: Filter): Promise<Taken<Item>> => wholeOf((pin) => listed(kind, { ...filter, ...pin }))

/** Where it stands; a case whose check has passed goes on being checked until it is closed. */
export function statusName(item: { kind: Kind; status: string; check_passed?: boolean }): string {
  if (item.status === 'checking' && item.check_passed) return say('console.checkPassed')
  return wordOr(item.kind === 'task' ? 'taskStatus' : 'caseStatus', item.status)
}
/** The word for a value of the domain, or the value itself if a town has its own. */
export function wordOr(group: string, value: string | null | undefined): string {
  if (!value) return '—'
  return known(`${group}.${value}`) ? say(`${group}.${value}`) : value
}
/** So many items, in words. */
export const counted = (n: number): string => say('console.items', { n: number(n) })
const unaccepted = (item: Item): boolean => item.status === 'issued' || item.status === 'reported'
/** Whether it must be accepted before anything else is due. */
const acceptedFirst = (item: Item): boolean =>
  unaccepted(item) && !!item.acceptance_due && !(item.handling_due && Date.parse(item.handling_due) < Date.parse(item.acceptance_due))
/** The deadline that runs out first. */
export const dueOf = (item: Item): string | null => (acceptedFirst(item) ? item.acceptance_due : item.handling_due) ?? null
export const beganAt = (item: Item): string => (item.kind === 'task' ? item.issued_at : item.reported_at)

/** How long is left until that, and which one it is where it isn't that of the handling. */
export const timeLeft = (item: Item, now: number): string =>
  acceptedFirst(item) ? say(`console.toAccept.${item.kind}`, { left: left(dueOf(item), now) }) : left(dueOf(item), now)

/** These ended without having been handled: what was done before doesn't count. */
const OUTSIDE = new Set(['refused', 'not_registered', 'voided', 'merged', 'cancelled'])
/** A permit's clock ends when it is reported; what comes after has none. */
const UNTIMED = new Set([...OUTSIDE, 'suspended', 'published', 'not_compliant'])
/** Why no time runs for an item that is not handled, in words; empty if one does. */
export function stopped(item: Item): string {
  if (UNTIMED.has(item.status) || item.waiting_since) return say('left.paused')
  return item.status === 'accepted' && dueOf(item) === null ? say('console.notYetTimed') : ''
}
const OWN_WORDS = new Set(['to-accept', 'late'])
/** What a queue is called: a task is signed for, a case taken on. */
export const queueName = ({ name, kind }: Queue): string => say(OWN_WORDS.has(name) ? `console.queue.${name}.${kind}` : `console.queue.${name}`)

/** What becomes of the steps of an item's ladder that have not fired. */
export function laterSteps(item: Item): string {
  if (item.handled_at ?? item.closed_at) return say('console.stepOver')
  if (OUTSIDE.has(item.status)) return say('console.stepEnded')
  // The clock for its acceptance has stopped, and the next begins with the registration.
  return say(item.kind === 'case' && item.status === 'accepted' ? 'console.stepAccepted' : 'console.stepPlanned')
}
