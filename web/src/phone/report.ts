// A report's fields as the form has them, and as the service takes them.
import { CATEGORIES } from '@/shared/choices'
import type { Place } from './place'
import type { Entry } from './store'

export interface ReportFields {
  grid: string
  category: string
  title: string
  description: string
  severity: string
  selfHandled: boolean
  /** How it was put right. */
  note: string
}

/** What grid workers report most, the most frequent first: in sight, so that three taps are enough. */
export const USUAL = ['environment', 'facilities', 'safety', 'dispute', 'traffic', 'order', 'flood', 'fire', 'farming']
/** A permit has a form of its own at the centre, and only a ledger that is imported names no category. */
const NEVER = new Set(['permit', 'uncategorised', ...USUAL])
/** All else that they may report. */
export const RARE = CATEGORIES.filter((category) => !NEVER.has(category))
/** From an ordinary case's grades to the emergencies. */
export const SEVERITIES = ['3', '1', '2', '4', '5', 'IV', 'III', 'II', 'I']

export function blank(grid: string): ReportFields {
  return { grid, category: '', title: '', description: '', severity: '3', selfHandled: false, note: '' }
}

/** Whether it was put right on the spot; a dispute never is, it goes by its ledger. */
export const putRight = ({ category, selfHandled }: ReportFields): boolean => selfHandled && category !== 'dispute'

/** What `POST /cases` takes; the photos' digests join it when they are known. */
export function reportOf(fields: ReportFields, place: Place | null): Record<string, unknown> {
  const { grid, category, title, description, severity, note } = fields
  return {
    grid,
    category,
    title,
    description: description.trim(),
    severity,
    self_handled: putRight(fields),
    note: putRight(fields) ? note.trim() : '',
    ...(place === null ? {} : { longitude: place.longitude, latitude: place.latitude }),
  }
}

/** A stored report's fields, to be mended. */
export function fieldsOf({ body }: Pick<Entry, 'body'>): ReportFields {
  const text = (name: string): string => (typeof body[name] === 'string' ? (body[name] as string) : '')
  return {
    grid: text('grid'),
    category: text('category'),
    title: text('title'),
    description: text('description'),
    severity: text('severity') || '3',
    selfHandled: body.self_handled === true,
    note: text('note'),
  }
}
