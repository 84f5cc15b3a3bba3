// The worker's tasks: which are his, and how they stand once what waits in the outbox has arrived.
import { api, got, lastPosition } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { questions } from './questions'
import type { Entry, Step } from './store'

export type Task = components['schemas']['TaskItem']
export type Status = Task['status']
export interface MyTasks {
  items: Task[]
  total: number
}

const LEADS_TO: Partial<Record<Step, Status>> = {
  accept: 'accepted',
  begin: 'in_progress',
  handle: 'in_progress',
  submit: 'submitted',
  decline: 'declined',
}

/** How a task stands, counting what the phone has not sent yet. */
export function standing(task: Pick<Task, 'id' | 'status'>, waiting: Entry[]): { status: Status; pending: boolean } {
  const steps = waiting.filter(({ item }) => item === task.id)
  const status = steps.reduce((now, { step }) => LEADS_TO[step] ?? now, task.status)
  return { status, pending: steps.length > 0 }
}

/** The steps that are offered to the worker in a status, the most likely first; the service decides. */
export function stepsOf(status: Status, task: Pick<Task, 'extension_requested_at'>): Step[] {
  const extension: Step[] = task.extension_requested_at ? [] : ['request-extension']
  switch (status) {
    case 'issued':
      return ['begin', 'accept', 'decline']
    case 'accepted':
      return ['handle', ...extension, 'decline']
    case 'in_progress':
    case 'returned':
      return ['submit', ...extension]
    default:
      return []
  }
}

/** Whether it must be accepted before anything else is due. */
export const acceptedFirst = (task: Task, status: Status): boolean =>
  status === 'issued' && Date.parse(task.acceptance_due) <= Date.parse(task.handling_due)

/** The deadline that runs out first: for accepting, or for handling. */
export const dueOf = (task: Task, status: Status): string => (acceptedFirst(task, status) ? task.acceptance_due : task.handling_due)

const PAUSED = new Set<Status>(['suspended', 'submitted', 'declined', 'closed', 'cancelled'])
/** Whether no time passes for the worker now. */
export const pausedIn = (status: Status): boolean => PAUSED.has(status)

/**
 * The light that is shown: the service's of the moment it answered, and red as soon as time has run out. What the phone has
 * accepted and not sent yet has none: the service's was of the time for accepting it.
 */
export function lightOf(task: Task, status: Status, now: number): 'green' | 'yellow' | 'red' | 'none' {
  if (pausedIn(status)) return 'none'
  if (Date.parse(dueOf(task, status)) < now) return 'red'
  return (task.status === 'issued') === (status === 'issued') ? (task.light ?? 'none') : 'none'
}

/** The worker's tasks, the most urgent first. */
export async function myTasks(member: string | null, signal: AbortSignal): Promise<MyTasks> {
  const asked = questions(member, lastPosition())
  const lists = await Promise.all(asked.map((query) => got(api.GET('/api/v1/tasks', { params: { query }, signal }))))
  const items = lists.flatMap((list) => list.items)
  items.sort((one, other) => Date.parse(one.handling_due) - Date.parse(other.handling_due))
  return { items, total: lists.reduce((sum, { total }) => sum + total, 0) }
}
