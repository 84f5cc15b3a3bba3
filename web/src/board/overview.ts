// What the board shows, live or as it stood: one question for all of it, one at a time, the later one wins.
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { api, got, send } from '@/shared/api/client'
import { Refused, whyNotShown } from '@/shared/api/refused'
import { liveStream, onWhole } from '@/shared/live'
import { afterPicture, tellPicture } from '@/shared/picture'
import { nameTowns, TOWN } from '@/shared/places'
import { useSession } from '@/shared/session'
import type { Figures, Overview, Place } from './figures'
import { Latest } from './latest'
import { aboutOf, type About, type Asked } from './state'
import { shownAt, windowAt, type Span } from './time'

/** Events come in bursts; the figures are asked for at most so often, in ms. */
const SETTLE = 400
/** Time alone makes items overdue: even without an event the figures are asked for so often, in ms. */
const TICK = 30_000
/** Past answers that are kept, for going back and forth. */
const KEPT = 60
const MINUTE = 60_000
const HOUR = 3_600_000

interface Question {
  at: number | null
  knownThen: boolean
  about: About
  span: Span
  after: number | undefined
  /** The position at which the past was entered: what is recorded meanwhile doesn't move it. */
  pinned: number | null
}
/** The moment of a question, for the lists behind its numbers. */
export interface When {
  as_of?: string
  known_at?: string
  after?: number
}

/** Follow the board; call it once, in the page. */
export function useOverview(asked: Asked) {
  const session = useSession()
  /** Whoever dispatches nothing, such as an administrator, sees staffing and mode only. */
  const figures = computed(() => session.who?.role !== 'administrator')
  const data = shallowRef<Overview | null>(null)
  const shown = shallowRef<Question | null>(null)
  const places = shallowRef<Place[]>([])
  const placed = ref(false)
  const failed = ref('')
  const refused = ref('')
  const busy = ref(false)
  /** The service's time when it last answered about now. */
  const now = ref<number | null>(null)
  const kept = new Map<string, Overview>()
  let pinned: number | null = null
  let after: number | undefined
  let asOfPlaces = ''
  const before = shallowRef<Figures | null>(null)
  const keptBefore = new Map<string, Figures>()
  let asOfBefore = ''

  const moment = (question: Question): When => {
    if (question.at === null) return question.after === undefined ? {} : { after: question.after }
    const as_of = new Date(question.at).toISOString()
    if (question.knownThen) return { as_of, known_at: as_of }
    return question.pinned === null ? { as_of } : { as_of, known_at: String(question.pinned) }
  }
  const keyOf = ({ at, knownThen, about, span }: Question): string => JSON.stringify([at, knownThen, about, span.from])

  async function ask(question: Question, signal: AbortSignal): Promise<Overview> {
    const { about, span } = question
    const now = moment(question)
    if (figures.value) {
      return got(api.GET('/api/v1/overview', { params: { query: { ...now, ...about, from: span.from } as never }, signal }))
    }
    const query = { ...now, ...(about.scope ? { scope: about.scope } : {}) }
    const [staffing, modes] = await Promise.all([
      got(api.GET('/api/v1/staffing', { params: { query: query as never }, signal })),
      got(api.GET('/api/v1/mode', { params: { query: query as never }, signal })),
    ])
    const { scope, as_of, position } = staffing
    return { scope, as_of, position, began: null, board: null, staffing, modes: modes.modes, levels: [], escalated: [] } as never
  }

  const latest = new Latest<Question, Overview>(ask, {
    told(question, answer) {
      if (question.at === null) {
        now.value = Date.parse(answer.as_of)
        pinned = answer.position
      } else {
        pinned ??= answer.position
        kept.set(keyOf(question), answer)
        if (kept.size > KEPT) kept.delete(kept.keys().next().value!)
      }
      show(question, answer)
      within()
      // The month may have turned since it was asked.
      if (question.at === null && spanAt().from !== question.span.from) load()
    },
    failed(_, error) {
      failed.value = whyNotShown(error)
      refused.value = error instanceof Refused && error.status >= 400 && error.status < 500 ? error.code : ''
    },
    busy: (is) => (busy.value = is),
  })

  function show(question: Question, answer: Overview): void {
    data.value = answer
    shown.value = question
    failed.value = ''
    refused.value = ''
  }

  const spanAt = (): Span => windowAt(asked.window, asked.at ?? now.value!, asked.since)

  /** Take what lies in the future for now, and what is before the log for its begin; whether nothing had to be changed. */
  function within(): boolean {
    // The address has no more than minutes.
    const began = Math.floor(Date.parse(data.value?.began ?? '') / MINUTE) * MINUTE
    const to = asked.at === null ? null : asked.at >= now.value! ? null : asked.at < began ? began : asked.at
    if (to === asked.at) return true
    const at = shownAt(asked.at!)
    asked.at = to
    asked.notShown = at
    return false
  }

  function load(): void {
    if (now.value === null || !within()) return
    const { at, knownThen } = asked
    if (at === null) kept.clear()
    const question = { at, knownThen: knownThen && at !== null, about: aboutOf(asked), span: spanAt(), after, pinned: at === null ? null : pinned }
    const known = at === null ? undefined : kept.get(keyOf(question))
    if (known === undefined) latest.put(question)
    else {
      latest.forget()
      show(question, known)
    }
  }

  /** Learn the service's time first: windows and the slider are of its calendar. */
  async function begin(): Promise<void> {
    try {
      now.value = Date.parse((await send<{ now: string }>('GET', '/clock')).now)
      load()
    } catch (error) {
      failed.value = whyNotShown(error)
    }
  }
  const again = (): void => void (now.value === null ? begin() : load())

  watch(() => [asked.at, asked.knownThen, asked.scope, asked.category, asked.source, asked.window, asked.since], load)
  // The period before, when it was as old as this one is now: it is of the past and stays, so it is asked for once.
  async function loadBefore(): Promise<void> {
    const question = shown.value
    if (question === null || data.value === null || busy.value || !figures.value) return
    const { knownThen, about, span } = question
    const hour = Math.max(Math.floor(span.asOf / HOUR) * HOUR, Date.parse(data.value.began ?? ''))
    const key = JSON.stringify([hour, knownThen, about, span.from, span.before])
    if (key === asOfBefore) return
    asOfBefore = key
    before.value = keptBefore.get(key) ?? null
    if (before.value !== null || Number.isNaN(hour)) return
    const as_of = new Date(hour).toISOString()
    const known_at = knownThen ? as_of : String(pinned ?? data.value.position)
    const query = { as_of, known_at, from: span.before, until: span.from, ...about } as never
    try {
      const found = (await got(api.GET('/api/v1/figures', { params: { query } }))).figures
      keptBefore.set(key, found)
      if (keptBefore.size > KEPT) keptBefore.delete(keptBefore.keys().next().value!)
      if (asOfBefore === key) before.value = found
    } catch {
      asOfBefore = '' // The figures say what is wrong; it is asked for again with them.
    }
  }
  // Boundaries are large and change rarely: those of the past are asked for once the slider rests.
  async function loadPlaces(): Promise<void> {
    const question = shown.value
    if (question === null || busy.value) return
    const query = question.at === null ? {} : moment(question)
    const town = data.value?.scope.slice(0, TOWN) ?? ''
    const key = JSON.stringify([query.as_of ?? null, query.known_at ?? null])
    if (key === asOfPlaces) return
    asOfPlaces = key
    try {
      const found = await got(api.GET('/api/v1/grids', { params: { query: { ...query, boundaries: true } as never } }))
      if (!found.some(({ code }) => code.startsWith(town))) nameTowns(await got(api.GET('/api/v1/towns', { params: { query: query as never } })), town)
      if (asOfPlaces === key && JSON.stringify(found) !== JSON.stringify(places.value)) places.value = found
    } catch {
      asOfPlaces = '' // The figures say what is wrong; the map is asked for again with them.
    }
    placed.value = true
  }
  function loadBeside(): void {
    void loadBefore()
    void loadPlaces()
  }
  watch([data, busy], () => afterPicture(loadBeside))
  tellPicture(() => data.value !== null || failed.value !== '')

  let last = 0
  let timer: ReturnType<typeof setTimeout> | null = null
  const stream = liveStream()
  const stop = stream.on(({ kind, position }) => {
    after = position
    if (kind === 'town') asOfPlaces = ''
    if (asked.at !== null || timer !== null || kind === 'inbox') return
    timer = setTimeout(
      () => {
        timer = null
        last = performance.now()
        if (asked.at === null) load()
      },
      Math.max(0, SETTLE - (performance.now() - last)),
    )
  })
  let begun = false
  onWhole(() => {
    // The stream begins after what is shown, and has told what came since.
    const told = !begun && data.value !== null && failed.value === ''
    begun = true
    if (told) return
    // The past stays as it is, unless it could not be had.
    if (asked.at === null || now.value === null || failed.value !== '') again()
    else loadBeside()
  })
  const ticking = setInterval(() => asked.at === null && now.value !== null && load(), TICK)
  onScopeDispose(() => {
    stop()
    clearInterval(ticking)
    if (timer !== null) clearTimeout(timer)
    latest.forget()
  })
  void begin()

  return {
    data,
    /** The figures of the period before, when it was as old; null while there are none. */
    before,
    places,
    /** Whether it is known what places there are and where. */
    placed,
    failed,
    refused,
    busy,
    now,
    again,
    figures,
    /** The moment that is shown. */
    at: computed(() => shown.value?.at ?? null),
    span: computed(() => shown.value?.span ?? null),
    /** How the lists behind what is shown are asked for: of the same moment, known as far. */
    when: computed<When>(() => {
      const question = shown.value
      if (question === null || data.value === null) return {}
      if (question.at === null) return { after: data.value.position }
      return { as_of: data.value.as_of, known_at: String(data.value.position) }
    }),
  }
}
export type Board = ReturnType<typeof useOverview>
