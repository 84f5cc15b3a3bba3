// The log as a list: page by page where all of it is shown, search by search where it is filtered.
import { computed, onScopeDispose, ref, shallowReactive, shallowRef, type Ref } from 'vue'
import { api } from '@/shared/api/client'
import { Refused, whyNotShown } from '@/shared/api/refused'
import type { components } from '@/shared/api/schema'
import { liveStream, onWhole } from '@/shared/live'

export type Whole = components['schemas']['Whole']
export type Audited = Omit<components['schemas']['Audited'], 'data'> & { data: Record<string, unknown> }
export const FILTERS = ['name', 'item', 'stream', 'actor', 'role', 'scope', 'source', 'session', 'token', 'address', 'request', 'command', 'correlation', 'from', 'until'] as const
export type Filter = Partial<Record<(typeof FILTERS)[number], string>>
export interface Found {
  events: Audited[]
  /** Where to go on, null when the end was reached. */
  next: number | null
  head: number
}
interface Range {
  after?: number
  through?: number
  limit?: number
  order?: 'oldest' | 'newest'
}

/** A time typed in a page is Shanghai's; a day or a time with its zone stays as it is. */
export function atShanghai(text: string): string {
  return /T\d\d:\d\d(:\d\d)?$/.test(text) ? `${text}+08:00` : text
}

/** Ask for events of a filter and a range. */
export async function events(filter: Filter, range: Range, signal?: AbortSignal): Promise<Found> {
  const query: Record<string, unknown> = { ...filter, ...range }
  for (const name of ['from', 'until'] as const) if (filter[name]) query[name] = atShanghai(filter[name])
  const { data, error, response } = await api.GET('/api/v1/audit/events', {
    params: { query: query as never },
    parseAs: 'text',
    ...(signal ? { signal } : {}),
  })
  if (!response.ok) throw Refused.of(response.status, typeof error === 'string' ? JSON.parse(error) : error)
  // No event at all is an empty body, which the client takes for no answer.
  const lines = ((data as string | undefined) ?? '').split('\n').filter(Boolean)
  const next = response.headers.get('dispatch-next')
  return {
    events: lines.map((line) => JSON.parse(line) as Audited),
    next: next === null ? null : Number(next),
    head: Number(response.headers.get('dispatch-position')),
  }
}

/** What stands in a row of the list: an event, one that is not shown to this account, or one still to come. */
export type Row = Audited | 'hidden' | null
export interface Log {
  total: Ref<number>
  row: (index: number) => Row
  /** The position that a row is of, where that is known before the row is. */
  positionAt: (index: number) => number | null
  /** The row of a position, -1 if it isn't in the list. */
  indexOf: (position: number) => number
  /** Load what these rows show. */
  need: (first: number, last: number) => void
  head: Ref<number>
  failed: Ref<string>
  busy: Ref<boolean>
  /** How many have come on top since the list was last looked at from there. */
  fresh: Ref<number>
  /** Where a search that is not over has got to. */
  searched: Ref<number | null>
  goOn: () => void
  retry: () => void
}

const PAGE = 100
const KEPT = 60
const SETTLE = 60

/** The whole log, the newest first: row 0 is the head, and every position has its row. */
export function wholeLog(): Log {
  const head = ref(0)
  const failed = ref('')
  const fresh = ref(0)
  /** By number: what is known of the positions up to `through`. */
  const pages = shallowReactive(new Map<number, { through: number; rows: Map<number, Audited> }>())
  const asked = new Map<number, AbortController>()
  const busy = ref(false)
  let wanted: [number, number] = [0, 40]
  let timer: ReturnType<typeof setTimeout> | null = null
  const pageOf = (position: number): number => Math.floor((position - 1) / PAGE)
  const positionAt = (index: number): number => head.value - index

  async function load(page: number): Promise<void> {
    const mine = new AbortController()
    asked.set(page, mine)
    busy.value = true
    const through = Math.min((page + 1) * PAGE, head.value)
    try {
      const found = await events({}, { after: page * PAGE, through, limit: PAGE }, mine.signal)
      pages.delete(page)
      pages.set(page, { through, rows: new Map(found.events.map((one) => [one.position, one])) })
      for (const old of pages.keys()) {
        if (pages.size <= KEPT) break
        pages.delete(old)
      }
      failed.value = ''
    } catch (error) {
      if (!mine.signal.aborted) failed.value = whyNotShown(error)
    } finally {
      if (asked.get(page) === mine) asked.delete(page)
      busy.value = asked.size > 0
    }
  }
  function look(): void {
    timer = null
    if (head.value === 0) return
    const [newest, oldest] = wanted.map((index) => pageOf(Math.min(Math.max(positionAt(index), 1), head.value))) as [number, number]
    // What was scrolled past is not waited for.
    for (const [page, asking] of asked) if (page > newest + 1 || page < oldest - 1) asking.abort()
    for (let page = newest; page >= oldest; page--) {
      const known = pages.get(page)
      const whole = known && known.through >= Math.min((page + 1) * PAGE, head.value)
      if (!whole && !asked.has(page)) void load(page)
    }
  }
  function need(first: number, last: number): void {
    wanted = [first, last]
    if (first === 0) fresh.value = 0
    timer ??= setTimeout(look, SETTLE)
  }
  async function start(): Promise<void> {
    try {
      const found = await events({}, { limit: 1, order: 'newest' })
      failed.value = ''
      head.value = Math.max(head.value, found.head)
      need(...wanted)
    } catch (error) {
      failed.value = whyNotShown(error)
    }
  }
  const stop = liveStream().on(({ position }) => {
    if (head.value === 0 || position <= head.value) return
    if (wanted[0] > 0) fresh.value += position - head.value
    head.value = position
    need(...wanted)
  })
  onWhole(() => failed.value !== '' && void start())
  onScopeDispose(() => {
    stop()
    if (timer !== null) clearTimeout(timer)
    for (const asking of asked.values()) asking.abort()
  })
  void start()
  return {
    total: head,
    head,
    failed,
    busy,
    fresh,
    positionAt,
    indexOf: (position) => (position >= 1 && position <= head.value ? head.value - position : -1),
    row: (index) => {
      const position = positionAt(index)
      const page = pages.get(pageOf(position))
      if (page === undefined || page.through < position) return null
      return page.rows.get(position) ?? 'hidden'
    },
    need,
    searched: ref(null),
    goOn: () => undefined,
    retry: () => void start(),
  }
}

/** The events that fit, the newest first: found as one scrolls on, and on top as they are recorded. */
export function filteredLog(filter: Filter): Log {
  const found = shallowRef<Audited[]>([])
  const head = ref(0)
  const failed = ref('')
  const busy = ref(false)
  const fresh = ref(0)
  const next = ref<number | null>(null)
  let started = false
  let top = true
  const ending = new AbortController()

  async function more(): Promise<void> {
    if (busy.value || (started && next.value === null)) return
    busy.value = true
    try {
      const range: Range = { limit: 200, order: 'newest' }
      if (next.value !== null) range.through = next.value
      const page = await events(filter, range, ending.signal)
      if (!started) head.value = page.head
      started = true
      found.value = [...found.value, ...page.events]
      next.value = page.next
      failed.value = ''
    } catch (error) {
      if (!ending.signal.aborted) failed.value = whyNotShown(error)
    } finally {
      busy.value = false
    }
    // A search that finds little goes on by itself until there is something to look at.
    if (failed.value === '' && next.value !== null && found.value.length < 40 && !ending.signal.aborted) await more()
  }
  async function newest(): Promise<void> {
    timer = null
    if (!started || filter.until) return
    try {
      const page = await events(filter, { after: head.value, limit: 500 }, ending.signal)
      head.value = Math.max(head.value, page.head)
      missed = false
      if (page.events.length === 0) return
      found.value = [...page.events.reverse(), ...found.value]
      if (!top) fresh.value += page.events.length
    } catch {
      // The next event asks again, or the service when it is back.
      missed = true
    }
  }
  let missed = false
  let timer: ReturnType<typeof setTimeout> | null = null
  const soon = (): void => void (timer ??= setTimeout(() => void newest(), 400))
  const stop = liveStream().on(soon)
  onWhole(() => {
    if (failed.value !== '') void more()
    else if (missed) soon()
  })
  onScopeDispose(() => {
    stop()
    ending.abort()
    if (timer !== null) clearTimeout(timer)
  })
  void more()
  return {
    total: computed(() => found.value.length),
    head,
    failed,
    busy,
    fresh,
    row: (index) => found.value[index] ?? null,
    positionAt: (index) => found.value[index]?.position ?? null,
    indexOf: (position) => found.value.findIndex((one) => one.position === position),
    need: (first, last) => {
      top = first === 0
      if (top) fresh.value = 0
      if (last >= found.value.length - 60 && failed.value === '') void more()
    },
    searched: computed(() => next.value),
    goOn: () => void more(),
    retry: () => void more(),
  }
}

/** Every event of a filter, for an export; refuses with `TooMany` beyond what a spreadsheet is good for. */
export const MOST = 50_000
export async function everything(filter: Filter, progress: (n: number) => void): Promise<{ rows: Audited[]; position: number }> {
  const rows: Audited[] = []
  let [after, position]: [number | null, number] = [0, 0]
  while (after !== null) {
    const range: Range = position === 0 ? { after, limit: 5000 } : { after, through: position, limit: 5000 }
    const page = await events(filter, range)
    position ||= page.head
    rows.push(...page.events)
    if (rows.length > MOST) throw new Refused(422, 'too-many-rows', '')
    progress(rows.length)
    after = page.next
  }
  return { rows, position }
}

/** A position as the pages write it, `72,029`, or a time of Shanghai, `2023-07-01 08:00`, as the API takes it; else undefined. */
export function placeOf(text: string): string | undefined {
  const position = text.replace(/[\s,，]/g, '')
  if (/^\d{1,15}$/.test(position)) return position
  const at = text.trim().replace(' ', 'T')
  const zoned = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)?)?$/.test(at)
  return zoned && !Number.isNaN(Date.parse(at)) ? atShanghai(at) : undefined
}

/** When the last event up to a position was recorded that this account may see: what a list of that position is as of. */
export async function recordedAt(position: number): Promise<string> {
  const found = await events({}, { through: position, limit: 1, order: 'newest' })
  return found.events[0]?.recorded_at ?? new Date(0).toISOString()
}

/** Return the last position recorded by a time, or the position itself; null if it is neither. */
export async function positionOf(text: string): Promise<number | null> {
  const at = placeOf(text)
  if (at === undefined) return null
  if (/^\d+$/.test(at)) return Number(at)
  const found = await events({ until: at }, { limit: 1, order: 'newest' })
  return found.events[0]?.position ?? found.head
}
