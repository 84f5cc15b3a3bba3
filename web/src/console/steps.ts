// The steps that an operator may take, by the way that an item goes: where they are offered and what they ask for.
// Whether a step is allowed is decided by the service alone; this only says where it makes sense to offer it.
import { MEDIATION } from '@/shared/choices'
import { useSession } from '@/shared/session'
import { flowOf, type Flow, type Item } from './items'

export type FieldType = 'files' | 'text' | 'time' | 'grid' | 'member' | 'department' | 'case' | 'choice' | 'check'
export interface Field {
  name: string
  type: FieldType
  required?: boolean
  /** Whoever it goes to: one of these fields is needed. */
  target?: true
  choices?: string[]
  /** The group of words that the choices are in. */
  words?: string
}
export interface Step {
  /** Its own name, for words and forms. */
  name: string
  /** The step's name in the API, where that is another. */
  path?: string
  at: string[]
  when?: (item: Item) => boolean
  fields?: Field[]
  fixed?: Record<string, unknown>
  /** What is mostly done here, of all items or of such ones. */
  chief?: boolean | ((item: Item) => boolean)
  grave?: boolean
  /** The step that takes it back. */
  undo?: { path: string; reason?: true }
  /** Makes sense for many items at once. */
  bulk?: boolean
}

const REASON: Field = { name: 'reason', type: 'text', required: true }
const NOTE: Field = { name: 'note', type: 'text' }
const UNTIL: Field = { name: 'until', type: 'time', required: true }
const RUNS = ['registered', 'reopened', 'dispatched', 'handling', 'assigned', 'mediating', 'classified', 'failed']
const WITH_HANDLER = ['dispatched', 'handling', 'assigned', 'mediating']
const GIVEN = ['registered', 'reopened', 'handed_up']
const MERGEABLE = ['reported', 'accepted', 'registered', 'dispatched', 'handling', 'reopened']
const DECIDABLE = ['accepted', 'in_progress', 'returned', 'suspended']
const asked = (item: Item): boolean => item.extension_requested_at !== null
const extension = (at: string[]): Step[] => [
  { name: 'grant', path: 'decide-extension', at, when: asked, fields: [NOTE], fixed: { granted: true }, chief: true },
  { name: 'refuse-extension', path: 'decide-extension', at, when: asked, fields: [NOTE], fixed: { granted: false } },
]
const checked = (item: Item): boolean => item.kind === 'case' && item.check_passed
/** What nobody of the staff has seen is verified before it is registered (DOMAIN.md, 核实). */
const unverified = (item: Item): boolean => item.kind === 'case' && item.genuine === null && ['resident', 'hotline'].includes(item.source)
/** A department has no account: the centre records what it did. What a grid or another person has, they work on. */
const ours = (item: Item): boolean => item.kind === 'case' && (item.assignee ? item.assignee === useSession().who?.member : Boolean(item.department))
const TARGET: Field[] = [
  { name: 'department', type: 'department', target: true },
  { name: 'grid', type: 'grid', target: true },
  { name: 'assignee', type: 'member', target: true },
]
const COMMON: Step[] = [
  ...extension([...WITH_HANDLER, 'suspended']),
  { name: 'request-extension', at: WITH_HANDLER, when: (item) => !asked(item), fields: [REASON] },
  { name: 'suspend', at: RUNS, fields: [REASON, UNTIL], undo: { path: 'resume' } },
  { name: 'resume', at: ['suspended'], chief: true },
  { name: 'hand-up', at: RUNS, fields: [REASON, { name: 'to', type: 'choice', choices: ['district', 'city'], words: 'above', required: true }] },
  { name: 'decide-appeal', at: ['refused', 'not_registered', 'voided'], when: (item) => item.kind === 'case' && item.appealed_at !== null,
    fields: [{ name: 'upheld', type: 'check' }, REASON], chief: true },
  { name: 'appeal', at: ['refused', 'not_registered', 'voided'], when: (item) => item.kind === 'case' && item.appealed_at === null, fields: [REASON] },
]
const FIRST: Step[] = [
  { name: 'accept', at: ['reported'], chief: true, bulk: true },
  { name: 'refuse', at: ['reported'], fields: [REASON], grave: true },
  { name: 'genuine', path: 'verify', at: ['accepted'], when: (item) => item.kind === 'case' && item.genuine === null, fields: [NOTE], fixed: { genuine: true }, chief: unverified, bulk: true },
  { name: 'not-genuine', path: 'verify', at: ['accepted'], when: (item) => item.kind === 'case' && item.genuine === null, fields: [NOTE], fixed: { genuine: false } },
]
const VOID: Step = { name: 'void', at: [...MERGEABLE, 'handled', 'checking', 'suspended', ...RUNS], fields: [REASON], grave: true }

const STEPS: Record<Flow, Step[]> = {
  task: [
    { name: 'pass', path: 'verify', at: ['submitted'], fields: [NOTE], fixed: { passed: true }, chief: true, bulk: true },
    { name: 'return', path: 'verify', at: ['submitted'], fields: [{ ...NOTE, required: true }], fixed: { passed: false }, bulk: true },
    ...extension(DECIDABLE),
    { name: 'transfer', at: ['issued', 'accepted', 'in_progress', 'returned', 'declined'], chief: (item) => item.status === 'declined',
      fields: [{ name: 'grid', type: 'grid' }, { name: 'assignee', type: 'member' }, REASON], bulk: true },
    { name: 'suspend', at: ['accepted', 'in_progress', 'returned'], fields: [REASON, UNTIL], undo: { path: 'resume' } },
    { name: 'resume', at: ['suspended'], chief: true },
    { name: 'cancel', at: ['issued', 'accepted', 'in_progress', 'submitted', 'returned', 'declined', 'suspended'], fields: [REASON], grave: true, bulk: true },
  ],
  case: [
    ...FIRST,
    { name: 'register', at: ['accepted'], when: (item) => !unverified(item), chief: true, bulk: true },
    { name: 'do-not-register', at: ['accepted'], fields: [REASON], grave: true },
    { name: 'dispatch', at: GIVEN, fields: [...TARGET, NOTE], chief: true, bulk: true },
    { name: 'hand-down', at: GIVEN, fields: [{ name: 'grid', type: 'grid', required: true }, { name: 'assignee', type: 'member' }, NOTE] },
    { name: 'transfer', at: ['dispatched', 'handling'], fields: [...TARGET, REASON], bulk: true },
    { name: 'decline', at: ['dispatched'], when: ours, fields: [REASON] },
    { name: 'handle', at: ['dispatched'], when: ours },
    { name: 'finish', at: ['handling'], when: ours, fields: [{ ...NOTE, required: true }] },
    { name: 'start-check', at: ['handled'], fields: [{ name: 'checker', type: 'member' }] },
    { name: 'check-passed', path: 'check', at: ['handled', 'checking'], when: (item) => !checked(item), fields: [NOTE], fixed: { passed: true }, chief: true, bulk: true },
    { name: 'check-failed', path: 'check', at: ['handled', 'checking'], fields: [{ ...NOTE, required: true }], fixed: { passed: false } },
    { name: 'close', at: ['checking', 'handed_up'], when: (item) => item.status !== 'checking' || checked(item), fields: [NOTE], chief: true, bulk: true },
    { name: 'satisfied', path: 'follow-up', at: ['closed', 'self_handled'], fields: [NOTE], fixed: { satisfied: true } },
    { name: 'not-satisfied', path: 'follow-up', at: ['closed', 'self_handled'], fields: [NOTE], fixed: { satisfied: false } },
    { name: 'reopen', at: ['closed', 'self_handled'], fields: [REASON] },
    { name: 'merge', at: MERGEABLE, fields: [{ name: 'into', type: 'case', required: true }, REASON], undo: { path: 'unmerge', reason: true } },
    { name: 'unmerge', at: ['merged'], fields: [REASON], chief: true },
    ...COMMON,
    VOID,
  ],
  dispute: [
    ...FIRST,
    { name: 'register', at: ['accepted', 'reopened'], when: (item) => item.status !== 'accepted' || !unverified(item), chief: true, bulk: true },
    { name: 'classify', at: ['registered', 'classified'], chief: (item) => item.status === 'registered',
      fields: [{ name: 'kind', type: 'choice', required: true, words: 'disputeKind', choices: ['family', 'neighbours', 'land', 'housing', 'debt', 'labour', 'injury', 'other'] }, { name: 'major', type: 'check' }] },
    { name: 'assign', at: ['classified', 'assigned', 'mediating', 'failed'], fields: [{ name: 'mediator', type: 'member', required: true }], chief: (item) => item.status === 'classified' },
    { name: 'mediate', at: ['assigned', 'mediating', 'failed'], chief: (item) => item.status !== 'mediating',
      fields: [{ name: 'level', type: 'choice', required: true, words: 'mediation', choices: MEDIATION }] },
    { name: 'agree', at: ['mediating'], fields: [{ name: 'terms', type: 'text' }], chief: true },
    { name: 'fail', at: ['mediating'], fields: [REASON] },
    { name: 'perform', at: ['agreed'], fields: [{ ...NOTE, required: true }], chief: true },
    { name: 'settled', path: 'follow-up', at: ['performed'], fields: [NOTE], fixed: { settled: true }, chief: true },
    { name: 'not-settled', path: 'follow-up', at: ['performed'], fields: [NOTE], fixed: { settled: false } },
    { name: 'strike-off', at: ['followed_up', 'handed_up'], chief: true, fields: [{ ...NOTE, required: true }, { name: 'evidence', type: 'files', required: true }] },
    { name: 'return-to-ledger', at: ['agreed', 'performed', 'followed_up', 'struck_off', 'handed_up'], fields: [REASON] },
    ...COMMON,
    VOID,
  ],
  permit: [
    { name: 'report', at: ['due'], chief: true },
    { name: 'compliant', path: 'judge', at: ['published'], fields: [NOTE], fixed: { compliant: true }, chief: true },
    { name: 'not-compliant', path: 'judge', at: ['published'], fields: [{ ...NOTE, required: true }], fixed: { compliant: false } },
    { name: 'correct', at: ['not_compliant'], fields: [{ ...NOTE, required: true }], chief: true },
    { ...VOID, at: ['due', 'published', 'not_compliant'] },
  ],
}
/** Steps of cases that a dispute or a permit takes too, at the address of cases. */
const OF_CASES = new Set(['accept', 'refuse', 'verify', 'decide-extension', 'request-extension', 'suspend', 'resume', 'hand-up', 'decide-appeal', 'appeal', 'void'])

/** Return the steps to offer for an item, the chief ones first. */
export function stepsFor(item: Item): Step[] {
  const found = STEPS[flowOf(item)]
    .filter(({ at, when }) => at.includes(item.status) && (when === undefined || when(item)))
    .map((step) => (typeof step.chief === 'function' ? { ...step, chief: step.chief(item) } : step))
  return found.sort((a, b) => Number(b.chief ?? false) - Number(a.chief ?? false) || Number(a.grave ?? false) - Number(b.grave ?? false))
}

/** Return the steps that can be taken for all of these items at once. */
export function bulkSteps(items: Item[]): Step[] {
  const [first, ...rest] = items.map((item) => stepsFor(item).filter(({ bulk }) => bulk))
  return (first ?? []).filter(({ name }) => rest.every((steps) => steps.some((step) => step.name === name)))
}

/** Return the address that a step of an item is sent to. */
export function addressOf(item: Item, path: string): string {
  const flow = flowOf(item)
  const collection = flow === 'task' ? 'tasks' : flow === 'case' || OF_CASES.has(path) ? 'cases' : `${flow}s`
  return `/${collection}/${item.id}/${path}`
}
