// The lists behind the board's numbers: what one is called in the address, and how its rows are had.
import { api, got } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import type { Column, Taken } from '@/shared/export/table'
import { figureName, groupName } from '@/shared/figureNames'
import { day, moment, number } from '@/shared/format'
import { numberOf } from '@/shared/households'
import { say } from '@/shared/i18n'
import { narrowedTo, type Narrowing } from '@/shared/narrowing'
import { scopeName } from '@/shared/places'
import { groupOf, type Overview, type Part, type Place } from './figures'
import { countName, gridName, wordOr } from './names'
import type { When } from './overview'
import type { About } from './state'
import type { Span } from './time'

type Task = components['schemas']['TaskItem']
type Case = components['schemas']['CaseItem']
type Household = components['schemas']['HouseholdItem']

/** A list in the address. `name` is a figure's, a plain number's (`tasks.open`, `dispute_levels.LEVEL`), `escalated.LEVEL`, `open`, `households` or `staff.WHICH`. */
export interface ListKey {
  name: string
  part: Part
  /** A part of the board's scope. */
  scope: string | null
  /** What stands under that very code, and not what lies in it. */
  exact: boolean
  /** Another window than the board's. */
  from: string | null
  until: string | null
}
const MARK = '~'
const EXACT = '='

export function listKey(key: Partial<ListKey> & { name: string }): string {
  const parts = [key.name, key.part ?? 'numerator', (key.exact ? EXACT : '') + (key.scope ?? ''), key.from ?? '', key.until ?? '']
  return parts.join(MARK).replace(/~+$/, '')
}
export function listOf(text: string): ListKey {
  const [name = '', part, place = '', from, until] = text.split(MARK)
  const exact = place.startsWith(EXACT)
  const scope = (exact ? place.slice(EXACT.length) : place) || null
  return { name, part: part === 'denominator' ? part : 'numerator', scope, exact, from: from || null, until: until || null }
}

/** A row of any list; what it has not is empty. */
export interface Row {
  id: string
  kind: 'task' | 'case' | 'household' | 'post'
  title: string
  grid: string
  status: string
  category: string
  assignee: string | null
  began: string | null
  due: string | null
  ended: string | null
  overdue: boolean
  level: string | null
  note: string
}
export interface Page {
  rows: Row[]
  total: number
  next: string | null
  as_of: string
  position: number
}
export interface Asking {
  key: ListKey
  about: About
  span: Span
  when: When
  shown: Overview
}
/** The list of all households on record, which no number is before. */
export const HOUSEHOLDS = 'households'
const PAGE = 100
const TASKS = 'tasks:'
const CASES = 'cases:'
const LARGEST = 500

const empty = { status: '', category: '', assignee: null, began: null, due: null, ended: null, overdue: false, level: null, note: '' }
const ofTask = (task: Task): Row => ({
  ...empty, id: task.id, kind: 'task', title: task.title, grid: task.grid, status: wordOr('taskStatus', task.status), category: task.category,
  assignee: task.assignee, began: task.issued_at, due: task.handling_due, ended: task.closed_at ?? task.handled_at ?? null, overdue: task.overdue ?? false,
  level: task.escalation_level ?? null,
})
const ofCase = (one: Case): Row => ({
  ...empty, id: one.id, kind: 'case', title: one.title, grid: one.grid, status: wordOr('caseStatus', one.status), category: one.category,
  assignee: one.assignee ?? one.department ?? null, began: one.reported_at, due: one.handling_due ?? null, ended: one.closed_at ?? one.handled_at ?? null,
  overdue: one.overdue ?? false, level: one.escalation_level ?? null, note: one.number ?? '',
})
const ofHousehold = (one: Household): Row => ({
  ...empty, id: one.id, kind: 'household', title: numberOf(one), status: wordOr('board.household', one.household_class), grid: one.grid,
  began: one.recorded_at, ended: one.last_visited_at ?? null, note: say('board.visits', { n: one.visits ?? 0 }),
})

/** Return a page of a list. */
export async function listed(asking: Asking, cursor: string | null, signal: AbortSignal, limit = PAGE): Promise<Page> {
  const { key, span, when, shown } = asking
  const place = { ...(key.scope ?? asking.about.scope ? { scope: key.scope ?? asking.about.scope } : {}), ...(key.exact ? { exact: true } : {}) }
  const about = { ...asking.about, ...place }
  const at = { ...when, ...about }
  const [group, which = ''] = key.name.split('.')
  if (group === 'staff') return posts(which, shown, key.scope)
  if (group === 'escalated') return both({ ...at, escalated: true, ...(which ? { escalation_level: [which] } : {}) }, cursor, limit, signal)
  // What people have open, and whom they visit, is of every category and source.
  const everything = { ...when, ...place }
  if (group === 'open') return both({ ...everything, open: true }, cursor, limit, signal)
  if (group === HOUSEHOLDS) {
    const query = { ...everything, status: 'on_record', limit, ...(cursor ? { cursor } : {}) } as never
    const found = await got(api.GET('/api/v1/households', { params: { query }, signal }))
    return { rows: found.items.map(ofHousehold), total: found.total, next: found.next, as_of: found.as_of, position: found.position }
  }
  const window = key.from ? { from: key.from, ...(key.until ? { until: key.until } : {}) } : { from: span.from }
  const query = { ...at, ...window, part: key.part, limit, ...(cursor ? { cursor } : {}) }
  const found = await got(api.GET('/api/v1/figures/{figure}/items', { params: { path: { figure: key.name }, query: query as never }, signal }))
  const rows = [...found.tasks.map(ofTask), ...found.cases.map(ofCase), ...found.households.map(ofHousehold)]
  return { rows, total: found.total, next: found.next, as_of: found.as_of, position: found.position }
}

/** Tasks, then cases, as one list: its cursor says in which of them a page begins. Tasks have no source. */
async function both({ source, ...filter }: About & Record<string, unknown>, cursor: string | null, limit: number, signal: AbortSignal): Promise<Page> {
  const params = (of: string, most: number) => {
    const place = cursor?.startsWith(of) ? cursor.slice(of.length) : ''
    return { params: { query: { ...filter, ...(source && of === CASES ? { source } : {}), limit: Math.max(most, 1), ...(place ? { cursor: place } : {}) } as never }, signal }
  }
  const began = cursor?.startsWith(CASES) ?? false
  const tasks = await got(api.GET('/api/v1/tasks', params(TASKS, began ? 1 : limit)))
  const first = began ? [] : tasks.items.map(ofTask)
  const room = began ? limit : tasks.next ? 0 : limit - first.length
  const cases = await got(api.GET('/api/v1/cases', params(CASES, room)))
  const rows = [...first, ...(room > 0 ? cases.items.map(ofCase) : [])]
  const next = !began && tasks.next ? TASKS + tasks.next : room === 0 ? (cases.total > 0 ? CASES : null) : cases.next ? CASES + cases.next : null
  return { rows, total: tasks.total + cases.total, next, as_of: tasks.as_of, position: Math.min(tasks.position, cases.position) }
}

/** Posts are few and in the answer already. */
function posts(which: string, shown: Overview, scope: string | null): Page {
  const rows: Row[] = []
  for (const grid of shown.staffing.grids) {
    if (scope !== null && !grid.code.startsWith(scope)) continue
    if (which === 'vacancies') {
      for (const post of grid.vacant) {
        rows.push({ ...empty, id: `${grid.code}-${post}`, kind: 'post', title: wordOr('post', post), grid: grid.code, status: say('board.vacant') })
      }
      continue
    }
    for (const [post, persons] of Object.entries(grid.posts)) {
      for (const person of persons) {
        if (which !== 'people' && which !== post && !(which === 'shared' && person.shared_with.length > 0)) continue
        const shared = person.shared_with.length > 0 ? say('board.sharedWith', { n: person.shared_with.length }) : ''
        rows.push({
          ...empty, id: `${grid.code}-${post}-${person.member}`, kind: 'post', title: person.name, grid: grid.code, status: wordOr('post', post),
          category: person.duty ? wordOr('board.duty', person.duty) : '', note: [shared, say('board.load', { n: person.load })].filter(Boolean).join(' · '),
        })
      }
    }
  }
  // Somebody who serves several grids is one person: the number is of persons.
  const once = which === 'vacancies' || scope !== null ? rows : unique(rows)
  return { rows: once, total: once.length, next: null, as_of: shown.as_of, position: shown.position }
}
function unique(rows: Row[]): Row[] {
  const first = new Map<string, Row>()
  for (const row of rows) {
    const member = row.id.split('-').slice(2).join('-')
    if (!first.has(member)) first.set(member, row)
  }
  return [...first.values()]
}

/** Return all of a list as of one moment and position, however long it takes to fetch. */
export async function wholeList(asking: Asking): Promise<Taken<Row>> {
  const signal = new AbortController().signal
  const first = await listed(asking, null, signal, LARGEST)
  const rows = [...first.rows]
  const pinned = { ...asking, when: { as_of: first.as_of, known_at: String(first.position) } }
  for (let next = first.next; next !== null; ) {
    const page = await listed(pinned, next, signal, LARGEST)
    rows.push(...page.rows)
    next = page.next
  }
  return { rows, as_of: first.as_of, position: first.position }
}

/** How many cases that were reported are in no list of the reported, in words; nothing where they aren't known or it is another list. */
export function leftOut({ name, scope, from }: ListKey, { board }: Overview): string {
  if (name !== 'cases.reported' || from !== null) return ''
  const counts = scope === null ? board.counts : board.grids.find(({ code }) => code === scope)?.counts
  return counts ? say('board.leftOutAre', { merged: number(counts.cases.merged ?? 0), voided: number(counts.cases.voided ?? 0) }) : ''
}

/** What a list says of itself wherever it is seen, printed or saved: of what, where, and of which days. */
export function titleOf(key: ListKey, scope: string, span: Span | null, places: readonly Place[], narrowing: Narrowing = {}): string {
  const { name, part, from, until } = key
  const [group, which = ''] = name.split('.')
  const counted = name.includes('.') || name === 'open' || name === HOUSEHOLDS
  const what =
    group === 'staff' ? [say('board.staffing'), say(`board.staff.${which}`)]
    : group === 'escalated' ? [say('board.escalations'), which && wordOr('escalation', which)]
    : group === 'open' ? [say('board.openBoth')]
    : group === HOUSEHOLDS ? [say('board.householdsOnRecord')]
    : group === 'dispute_levels' ? [groupName('disputes'), countName(name)]
    : counted ? [groupName(group!), countName(name)]
    : [figureName(name), say(`board.${part}`)]
  // What is open, on record or in a post now is of no period.
  const dated = !['staff', 'escalated', 'open', HOUSEHOLDS].includes(group!)
  const days =
    !dated ? ''
    : from && until ? say('board.fromUntil', { from: day(from), until: day(Date.parse(until) - 1) })
    : from || span ? say('board.sinceDay', { day: from ? day(from) : span!.from })
    : ''
  const { category, source } = narrowing
  const narrowed =
    ['staff', 'open', HOUSEHOLDS].includes(group!) ? []
    : narrowedTo({ category, source: groupOf(name) === 'tasks' || name === 'visit_coverage' ? null : source })
  return [...what, key.exact ? gridName(key.scope ?? scope, places) : scopeName(key.scope ?? scope, places), ...narrowed, days].filter(Boolean).join(' · ')
}

/** The columns of a list, on the screen and when it leaves the page; nothing personal but the names of staff. */
export function columnsOf(key: ListKey, places: readonly Place[], nameOf: (member: string | null) => string): Column<Row>[] {
  const place: Column<Row> = { name: say('board.column.grid'), value: ({ grid }) => gridName(grid, places) }
  const id: Column<Row> = { name: say('board.column.id'), value: ({ id }) => id }
  if (key.name.startsWith('staff.')) {
    return [
      { name: say('board.column.person'), value: ({ title }) => title },
      place,
      { name: say('board.column.post'), value: ({ status }) => status },
      { name: say('board.column.duty'), value: ({ category }) => category },
      { name: say('board.column.note'), value: ({ note }) => note },
    ]
  }
  if (key.name === 'visit_coverage' || key.name === HOUSEHOLDS) {
    return [
      { name: say('board.kind.household'), value: ({ grid, title }) => `${gridName(grid, places)} ${title}` },
      { name: say('board.column.class'), value: ({ status }) => status },
      { name: say('board.column.visited'), value: ({ ended }) => moment(ended) },
      { name: say('board.column.note'), value: ({ note }) => note },
      id,
    ]
  }
  return [
    { name: say('board.column.title'), value: ({ title }) => title },
    place,
    { name: say('board.column.category'), value: ({ category }) => wordOr('category', category) },
    { name: say('board.column.status'), value: ({ status, overdue }) => (overdue ? `${status} · ${say('light.red')}` : status) },
    ...(key.name.startsWith('escalated') ? [{ name: say('board.column.level'), value: ({ level }: Row) => wordOr('escalation', level) }] : []),
    { name: say('board.column.assignee'), value: ({ assignee }) => nameOf(assignee) },
    { name: say('board.column.began'), value: ({ began }) => moment(began) },
    { name: say('board.column.due'), value: ({ due }) => moment(due) },
    { name: say('board.column.ended'), value: ({ ended }) => moment(ended) },
    id,
  ]
}
