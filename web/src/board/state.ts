// What the board is asked to show, kept in the address: so that what one sees can be sent to somebody else.
import { reactive, watch } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import { closeTo, openAt } from '@/shared/address'
import { FIGURES } from './figures'
import { parsedAt, parsedDay, shownAt, WINDOWS, type WindowName } from './time'

export interface Asked {
  /** The past moment, or null for live. */
  at: number | null
  /** A moment of the address that can't be shown, as it was written: what is shown instead says so. */
  notShown: string
  /** Whether only what was known then counts. */
  knownThen: boolean
  scope: string | null
  /** One category only. */
  category: string | null
  /** Cases of one source only. */
  source: string | null
  window: WindowName
  since: string | null
  /** What colours the map and is drawn over the year. */
  figure: string
  step: 'week' | 'month'
  /** Which list is open: a figure and its part, a plain number, escalations or posts. */
  list: string | null
  /** Which item is open, such as `case:ID`. */
  item: string | null
  kiosk: boolean
}
/** A task, a case or a household. */
const ITEM = /^(task|case|household):[0-9a-f]{32}$/

const one = (query: LocationQuery, name: string): string => {
  const value = query[name]
  return (Array.isArray(value) ? value[0] : value) ?? ''
}

export function askedIn(query: LocationQuery): Asked {
  const window = WINDOWS.find((name) => name === one(query, 'window')) ?? 'month'
  const since = parsedDay(one(query, 'since'))
  return {
    at: parsedAt(one(query, 'at')),
    notShown: parsedAt(one(query, 'at')) === null ? one(query, 'at') : '',
    knownThen: one(query, 'known') === 'then',
    scope: /^\d{6,15}$/.test(one(query, 'scope')) ? one(query, 'scope') : null,
    // Whatever is written there is asked for: that it is unknown is better said than left out.
    category: one(query, 'category') || null,
    source: one(query, 'source') || null,
    window: window === 'since' && since === null ? 'month' : window,
    since,
    figure: FIGURES.find((name) => name === one(query, 'figure')) ?? 'completion_rate',
    step: one(query, 'step') === 'week' ? 'week' : 'month',
    list: one(query, 'list') || null,
    item: ITEM.test(one(query, 'item')) ? one(query, 'item') : null,
    kiosk: one(query, 'kiosk') === '1',
  }
}

/** The address of what is asked; what is usual is left out. */
export function queryOf(asked: Asked): Record<string, string> {
  const found: [string, string | null][] = [
    ['at', asked.at === null ? null : shownAt(asked.at)],
    ['known', asked.knownThen && asked.at !== null ? 'then' : null],
    ['scope', asked.scope],
    ['category', asked.category],
    ['source', asked.source],
    ['window', asked.window === 'month' ? null : asked.window],
    ['since', asked.window === 'since' ? asked.since : null],
    ['figure', asked.figure === 'completion_rate' ? null : asked.figure],
    ['step', asked.step === 'month' ? null : asked.step],
    ['list', asked.list],
    ['item', asked.item],
    ['kiosk', asked.kiosk ? '1' : null],
  ]
  return Object.fromEntries(found.filter((pair): pair is [string, string] => pair[1] !== null))
}

/** What is asked about, as the API takes it; what isn't narrowed down is left out. */
export interface About {
  scope?: string
  category?: string
  source?: string
}
export function aboutOf({ scope, category, source }: Pick<Asked, 'scope' | 'category' | 'source'>): About {
  return { ...(scope ? { scope } : {}), ...(category ? { category } : {}), ...(source ? { source } : {}) }
}

/** A slider makes many moments a second, and browsers refuse so many changes of the address. */
const SETTLED = 300

/** Keep what is asked in the address, both ways. */
export function useAsked(): Asked {
  const route = useRoute()
  const router = useRouter()
  // The router may still be on its way to the first address.
  const asked = reactive(askedIn(Object.fromEntries(new URLSearchParams(location.search))))
  watch(() => asked.at, () => (asked.notShown = ''), { flush: 'sync' })
  let timer: ReturnType<typeof setTimeout> | null = null
  /** What this page wrote itself: it is not to be read again. */
  let written = JSON.stringify(queryOf(asked))
  const parsed = (address: string): Record<string, string> => JSON.parse(address) as Record<string, string>
  const opened = ({ list, item }: Record<string, string>): string => JSON.stringify([list, item])
  /** Whether it is being written, for a list that is opened while the slider moves in two entries. */
  let writing = false
  /** Write it: what was opened is a step of its own, so that Back closes it; where closing leads to where one came from, it goes back. */
  async function write(now: string, before: string): Promise<void> {
    const [to, from] = [parsed(now), parsed(written)]
    written = now
    if (opened(to) === opened(from)) return void (await router.replace({ query: to }))
    const opens = (to.list !== undefined && to.list !== from.list) || (to.item !== undefined && to.item !== from.item)
    if (opens) {
      writing = true
      if (before !== JSON.stringify(from)) await router.replace({ query: parsed(before) })
      await openAt(router, to)
      writing = false
    } else {
      writing = true
      const shown = (query: LocationQuery): Record<string, string> => queryOf(askedIn(query))
      await closeTo(router, to, (query) => opened(shown(query)) === opened(to), (path) => JSON.stringify(shown(router.resolve(path).query)) === now)
      writing = false
    }
  }
  watch(
    () => JSON.stringify(queryOf(asked)),
    (now, before) => {
      if (timer !== null) clearTimeout(timer)
      timer = null
      if (now === written) return
      // A step is written at once, before another makes one with it.
      if (opened(parsed(now)) !== opened(parsed(written))) void write(now, before)
      else timer = setTimeout(() => ((timer = null), void write(now, before)), SETTLED)
    },
  )
  watch(
    () => route.query,
    (query) => {
      if (!router.currentRoute.value.matched.length) return
      const read = askedIn(query)
      if (timer !== null || writing || JSON.stringify(queryOf(read)) === written) return
      written = JSON.stringify(queryOf(read))
      Object.assign(asked, read)
    },
  )
  return asked
}
