// The queues: which items wait for what. Their numbers are the lengths of the lists behind them.
import type { Filter, Kind } from './items'

/** How many items a page of a list has. */
export const PAGE = 50

export interface Queue {
  name: string
  kind: Kind
  filter: Filter
  sort: string
}

const task = (name: string, filter: Filter, sort = 'runs_out'): Queue => ({ name, kind: 'task', filter, sort })
const case_ = (name: string, filter: Filter, sort = 'runs_out'): Queue => ({ name, kind: 'case', filter, sort })

export const QUEUES: Record<Kind, Queue[]> = {
  case: [
    case_('to-accept', { status: ['reported'] }, 'reported'),
    case_('late', { acceptance_overdue: true }, 'runs_out'),
    case_('to-register', { status: ['accepted'] }, 'reported'),
    case_('to-dispatch', { status: ['registered', 'reopened', 'classified', 'failed', 'handed_up'] }),
    case_('handling', { status: ['dispatched', 'handling', 'assigned', 'mediating'] }),
    case_('to-check', { status: ['handled', 'checking', 'agreed', 'performed', 'followed_up'] }, 'since'),
    case_('overdue', { overdue: true }),
    case_('escalated', { escalated: true }, '-escalated'),
    case_('extensions', { extension_requested: true }),
    case_('appeals', { appealed: true }, '-since'),
    case_('permits', { permits: true, open: true }),
    case_('open', { open: true }),
    case_('closed', { status: ['closed', 'self_handled', 'struck_off', 'compliant', 'corrected'] }, '-closed'),
    case_('all', {}, '-reported'),
  ],
  task: [
    task('to-accept', { status: ['issued'] }),
    task('late', { acceptance_overdue: true }),
    task('handling', { status: ['accepted', 'in_progress', 'returned'] }),
    task('to-verify', { status: ['submitted'] }, 'since'),
    task('declined', { status: ['declined'] }, 'since'),
    task('overdue', { overdue: true }),
    task('escalated', { escalated: true }, '-escalated'),
    task('extensions', { extension_requested: true }),
    task('open', { open: true }),
    task('closed', { status: ['closed'] }, '-closed'),
    task('all', {}, '-issued'),
  ],
}

export function queueOf(kind: Kind, name: string): Queue {
  return QUEUES[kind].find((queue) => queue.name === name) ?? QUEUES[kind].find((queue) => queue.name === 'open')!
}
