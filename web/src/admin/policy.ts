// A town's rules as the form edits them: limits by category in rows, dates in lines.
export interface Limit {
  kind: string
  amount: number
}
export interface Limits {
  acceptance: Limit
  handling: Limit
}
export interface Step {
  name: string
  share: number
  level: string
  to: string[]
}
export interface Policy {
  version?: string
  task_limits: Record<string, Limits>
  case_limits: Record<string, Limits>
  emergency_task_limits: Record<string, Limits>
  emergency_case_limits: Record<string, Limits>
  extensions: number
  suspensions: number
  ladder: Step[]
  at_once: string[]
  mediation_levels: string[]
  report_limit: Limit
  visits: Record<string, string>
  days_off: string[]
  workdays: string[]
  /** From when until when, as the clock shows it: `08:00:00`, and midnight as an end is `00:00:00`. */
  working_time: [string, string][]
}
export const TABLES = ['task_limits', 'case_limits', 'emergency_task_limits', 'emergency_case_limits'] as const
export type Table = (typeof TABLES)[number]
export const LEVELS = ['notice', 'reminder', 'yellow_card', 'red_card', 'commander', 'district'] as const
export const ADDRESSEES = ['assignee', 'chief', 'full_time', 'part_time', 'instructor', 'leader', 'commander', 'district'] as const
/** Hours by the clock, where they are told in minutes. */
export const MINUTES = 'minutes'
/** Return a limit as it is shown: in the unit asked for, else what is less than an hour by the clock in minutes. */
export function shownLimit({ kind, amount }: Limit, unit = ''): Limit {
  const minutes = unit === '' ? kind === 'clock_hours' && amount < 1 : unit === MINUTES
  return minutes ? { kind: MINUTES, amount: Math.round(amount * 6000) / 100 } : { kind, amount }
}
/** Return a limit that was shown so as the API takes it. */
export function takenLimit({ kind, amount }: Limit): Limit {
  return kind === MINUTES ? { kind: 'clock_hours', amount: amount / 60 } : { kind, amount }
}
/** What holds for every category that has no row of its own. */
export const EVERY = '*'

export interface Edited extends Omit<Policy, 'days_off' | 'workdays' | 'working_time' | 'version'> {
  working_time: string
  days_off: string
  workdays: string
}

/** Return a policy as the form holds it. */
export function edited({ version: _, ...policy }: Policy): Edited {
  return { ...(JSON.parse(JSON.stringify(policy)) as Policy), days_off: policy.days_off.join('\n'), workdays: policy.workdays.join('\n'), working_time: policy.working_time.map((span) => span.map((one) => one.slice(0, 5)).join('-')).join(' ') }
}

/** The dates in a text, and what in it is none. */
export function datesOf(text: string): { dates: string[]; wrong: string[] } {
  const found = text.split(/[\s,，;；]+/).filter((one) => one !== '')
  const good = (one: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(one) && new Date(`${one}T00:00:00Z`).toISOString().startsWith(one)
  const isDate = (one: string): boolean => {
    try {
      return good(one)
    } catch {
      return false
    }
  }
  return { dates: found.filter(isDate), wrong: found.filter((one) => !isDate(one)) }
}

const MINUTES_A_DAY = 1440
/** The spans of a working day in a text such as `08:00-12:00 14:00-18:00`; nothing if they are none, overlap or come to less than an hour. */
export function spansOf(text: string): [string, string][] | null {
  const spans: [string, string][] = []
  let before = 0
  let worked = 0
  for (const one of text.split(/[\s,，;；、]+/).filter((one) => one !== '')) {
    const [, h = '', m = '', h2 = '', m2 = ''] = /^(\d{1,2})[:：](\d\d)[-–—~至](\d{1,2})[:：](\d\d)$/.exec(one) ?? []
    const begins = Number(h) * 60 + Number(m)
    const ends = Number(h2) * 60 + Number(m2) || MINUTES_A_DAY
    if (h === '' || Number(m) > 59 || Number(m2) > 59 || begins < before || ends <= begins || ends > MINUTES_A_DAY) return null
    spans.push([`${h.padStart(2, '0')}:${m}`, ends === MINUTES_A_DAY ? '00:00' : `${h2.padStart(2, '0')}:${m2}`])
    before = ends
    worked += ends - begins
  }
  return worked < 60 || spans.length > 6 ? null : spans
}

/** Return what the form holds as the API takes it; `levels` are those of mediation, from below. */
export function sendable(form: Edited, levels: readonly string[]): Omit<Policy, 'version'> {
  return { ...form, mediation_levels: levels.filter((one) => form.mediation_levels.includes(one)), ladder: [...form.ladder].sort((a, b) => a.share - b.share), days_off: datesOf(form.days_off).dates, workdays: datesOf(form.workdays).dates, working_time: spansOf(form.working_time) ?? [] }
}

/** The rows of a table: every category first, then by name; of a category its grades after itself. */
export function rowsOf(table: Record<string, Limits>): string[] {
  return Object.keys(table).sort((a, b) => Number(b === EVERY) - Number(a === EVERY) || Number(b.startsWith(EVERY)) - Number(a.startsWith(EVERY)) || a.localeCompare(b))
}
