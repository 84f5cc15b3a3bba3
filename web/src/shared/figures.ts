// In which order figures stand everywhere, and in which groups.

export interface Group {
  name: 'tasks' | 'cases' | 'disputes' | 'service'
  /** The first is the one that counts most. */
  figures: string[]
  /** Plain numbers, by the API's names. */
  counts: string[]
  /** Further plain numbers, which are published but have no room on the board. */
  more: string[]
}

/** What has ever come to a step of the ladder, the gravest first as on the board. */
const escalated = (kind: string): string[] =>
  ['escalated', 'to_district', 'to_commander', 'red_cards', 'yellow_cards', 'reminders', 'notices'].map((name) => `${kind}.${name}`)

export const GROUPS: readonly Group[] = [
  {
    name: 'tasks',
    figures: [
      'completion_rate', 'task_acceptance_rate', 'task_timely_acceptance_rate', 'task_handling_rate', 'task_on_time_handling_rate',
      'task_unit_closure_rate', 'task_on_time_closure_rate', 'task_rework_rate', 'task_overdue_rate',
    ],
    counts: ['tasks.issued', 'tasks.open', 'tasks.overdue', 'tasks.suspended', 'tasks.cancelled'],
    more: ['tasks.closed', ...escalated('tasks')],
  },
  {
    name: 'cases',
    figures: [
      'closure_rate', 'acceptance_rate', 'timely_acceptance_rate', 'handling_rate', 'on_time_handling_rate', 'unit_closure_rate',
      'on_time_closure_rate', 'rework_rate', 'overdue_rate',
    ],
    counts: ['cases.reported', 'cases.open', 'cases.overdue', 'cases.self_handled', 'cases.reopened', 'cases.merged'],
    more: [
      'cases.reported_online', 'cases.accepted', 'cases.refused', 'cases.registered', 'cases.not_registered', 'cases.suspended', 'cases.closed', 'cases.voided',
      ...escalated('cases'),
    ],
  },
  {
    name: 'disputes',
    figures: ['resolution_rate', 'strike_off_rate'],
    counts: ['disputes.accepted', 'disputes.mediated', 'disputes.struck_off', 'disputes.major_joint'],
    more: ['disputes.reported', 'disputes.registered', 'disputes.resolved'],
  },
  {
    name: 'service',
    figures: ['visit_coverage', 'online_share', 'report_rate', 'timeliness_rate', 'compliance_rate', 'correction_rate'],
    counts: ['permits.decided', 'permits.faulted'],
    more: ['permits.due', 'permits.reported', 'permits.in_time', 'permits.compliant', 'permits.corrected'],
  },
]
/** Whether a figure or a plain number is the same whatever source of cases is asked about: those of tasks and visits. */
export const ofEverySource = (name: string): boolean => name.startsWith('tasks.') || name === 'visit_coverage' || GROUPS[0]!.figures.includes(name)
export const FIGURES: readonly string[] = GROUPS.flatMap(({ figures }) => figures)
