// What the board shows of now is asked for before its scripts are there; its windows are of the service's calendar.
import { begin } from '@/shared/begin'
import { askEarly, comeEarly } from '@/shared/early'
import { windowAt, WINDOWS } from './time'

/** Whoever dispatches nothing, such as an administrator, has no figures. */
const READERS = ['supervisor', 'operator', 'auditor']
const asked = new URLSearchParams(location.search)
const window = WINDOWS.find((name) => name === (asked.get('window') ?? 'month'))
const narrowed = ['at', 'scope', 'category', 'source', 'since'].some((name) => asked.has(name))

/** The service's time in ms; null where it isn't told. */
const now = askEarly('/api/v1/clock')
  .then(async (answer) => (answer.ok ? Date.parse(((await answer.json()) as { now: string }).now) : null))
  .catch(() => null)
comeEarly(
  begin().then(async (reader) => {
    const at = await now
    if (narrowed || window === undefined || at === null || reader === null || !READERS.includes(reader.role)) return
    await askEarly('/api/v1/overview', { from: windowAt(window, at, null).from })
  }),
)
