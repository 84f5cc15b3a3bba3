// In which order figures stand everywhere, and in which groups.

export interface Group {
  name: 'tasks' | 'cases' | 'disputes' | 'service'
  /** The first is the one that counts most. */
  figures: string[]
  /** Plain numbers, by the API's names. */
  counts: string[]
}

export const GROUPS: readonly Group[] = [
  {
    name: 'tasks',
    figures: [
      'completion_rate', 'task_acceptance_rate', 'task_timely_acceptance_rate', 'task_handling_rate', 'task_on_time_handling_rate',
      'task_unit_closure_rate', 'task_on_time_closure_rate', 'task_rework_rate', 'task_overdue_rate',
    ],
    counts: ['tasks.issued', 'tasks.open', 'tasks.overdue', 'tasks.suspended', 'tasks.cancelled'],
  },
  {
    name: 'cases',
    figures: [
      'closure_rate', 'acceptance_rate', 'timely_acceptance_rate', 'handling_rate', 'on_time_handling_rate', 'unit_closure_rate',
      'on_time_closure_rate', 'rework_rate', 'overdue_rate',
    ],
    counts: ['cases.reported', 'cases.open', 'cases.overdue', 'cases.self_handled', 'cases.reopened', 'cases.merged'],
  },
  {
    name: 'disputes',
    figures: ['resolution_rate', 'strike_off_rate'],
    counts: ['disputes.accepted', 'disputes.mediated', 'disputes.struck_off', 'disputes.major_joint'],
  },
  {
    name: 'service',
    figures: ['visit_coverage', 'online_share', 'report_rate', 'timeliness_rate', 'compliance_rate', 'correction_rate'],
    counts: ['permits.decided', 'permits.faulted'],
  },
]
/** Whether a figure or a plain number is the same whatever source of cases is asked about: those of tasks and visits. */
export const ofEverySource = (name: string): boolean => name.startsWith('tasks.') || name === 'visit_coverage' || GROUPS[0]!.figures.includes(name)
export const FIGURES: readonly string[] = GROUPS.flatMap(({ figures }) => figures)
