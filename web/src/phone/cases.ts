// The cases that the worker is to put right: which are his, and how they stand once the outbox has arrived.
import { api, got, lastPosition } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { MEDIATION } from '@/shared/choices'
import { caseQuestions } from './questions'
import type { Entry, Step } from './store'

export type Case = components['schemas']['CaseItem']
export type CaseStatus = Case['status']
export interface MyCases {
  items: Case[]
  total: number
}
const GIVEN_BACK = new Set<Step>(['decline', 'check-passed', 'check-failed', 'not-settled'])
const LEADS_TO: Partial<Record<Step, CaseStatus>> = {
  handle: 'handling', finish: 'handled', mediate: 'mediating', agree: 'agreed', fail: 'failed', perform: 'performed', settled: 'followed_up',
}
/** What the mediator of a dispute may do, the most likely first; all else of it, and all of a permit, the centre records. */
const MEDIATOR: Partial<Record<CaseStatus, Step[]>> = {
  assigned: ['mediate'], mediating: ['agree', 'fail', 'mediate'], failed: ['mediate'], agreed: ['perform'],
  performed: ['settled', 'not-settled'],
}
/** The time of these runs for the worker. */
const RUNS = new Set<CaseStatus>(['dispatched', 'handling', 'assigned', 'mediating', 'failed'])

/** How a case stands, counting what the phone has not sent yet; what is declined or checked is no longer the worker's. */
export function standingOf(one: Pick<Case, 'id' | 'status'>, waiting: Entry[]): { status: CaseStatus; pending: boolean; given: boolean } {
  const steps = waiting.filter(({ item }) => item === one.id)
  const status = steps.reduce((now, { step }) => LEADS_TO[step] ?? now, one.status)
  return { status, pending: steps.length > 0, given: steps.some(({ step }) => GIVEN_BACK.has(step)) }
}

/** The light of a case whose time runs for the worker, red as soon as it has run out; null where none runs. */
export function lightIn({ handling_due, light }: Case, status: CaseStatus, now: number): 'green' | 'yellow' | 'red' | 'none' | null {
  if (!handling_due || !RUNS.has(status)) return null
  return Date.parse(handling_due) < now ? 'red' : (light ?? 'none')
}

/** What says whose turn it is. */
type Handled = Pick<Case, 'category' | 'assignee' | 'department' | 'checker' | 'check_passed'>

/** The steps that are offered to the worker, the most likely first; the service decides. */
export function caseSteps(one: Handled, status: CaseStatus, member: string | null): Step[] {
  if (one.category === 'permit') return []
  if (one.category === 'dispute') return member !== null && one.assignee === member ? (MEDIATOR[status] ?? []) : []
  if (status === 'checking') return member !== null && one.checker === member && !one.check_passed ? ['check-passed', 'check-failed'] : []
  if (one.department || (one.assignee && one.assignee !== member)) return []
  return status === 'dispatched' ? ['handle', 'decline'] : status === 'handling' ? ['finish'] : []
}

/** The levels at which a dispute may be mediated from now on: it moves up only, and after a failure may be tried once more. */
export function levelsFor(one: Pick<Case, 'id' | 'level'>, status: CaseStatus, waiting: Entry[]): string[] {
  const unsent = waiting.filter(({ item, step }) => item === one.id && step === 'mediate').at(-1)
  const at = MEDIATION.indexOf(String(unsent?.body.level ?? one.level))
  return MEDIATION.slice(status === 'mediating' ? at + 1 : Math.max(at, 0))
}

/** What was given to the worker or is his to check, and what anybody in his grids may begin; the most urgent first. */
export async function myCases(member: string | null, signal: AbortSignal): Promise<MyCases> {
  const asked = caseQuestions(member, lastPosition())
  const lists = await Promise.all(asked.map((query) => got(api.GET('/api/v1/cases', { params: { query }, signal }))))
  const items = lists.flatMap((list) => list.items)
  const due = ({ handling_due }: Case): number => (handling_due ? Date.parse(handling_due) : Infinity)
  items.sort((one, other) => due(one) - due(other))
  return { items, total: lists.reduce((sum, { total }) => sum + total, 0) }
}
