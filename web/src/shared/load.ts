// Loading what a page shows: with a sign while it loads, why not if it fails, and again when the log grows.
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { Refused, whyNotShown } from './api/refused'
import { liveStream, onWhole } from './live'
import type { LiveEvent } from './live/stream'
import { afterPicture } from './picture'

export interface Loaded<T> {
  /** What was loaded last; it stays while it is loaded again. */
  data: ShallowRef<T | null>
  /** Why it could not be loaded, in words, or empty. */
  failed: Ref<string>
  /** Whether there is no such thing, however often it is asked for. */
  absent: Ref<boolean>
  busy: Ref<boolean>
  /** Load it (again). */
  load: () => Promise<void>
}

export interface LoadOptions {
  /** Which events of the log make it old; none by default. */
  when?: (event: LiveEvent) => boolean
  /** Milliseconds that a burst of events is waited out for. */
  settle?: number
  /** It isn't in the page's first picture, and waits for it. */
  later?: boolean
}

/**
 * Load with `ask`, now and whenever `load` is called or an event makes it old; a later answer wins over an earlier.
 * What could not be had is asked for again as soon as the service is back.
 */
export function useLoaded<T>(ask: (signal: AbortSignal) => Promise<T>, options: LoadOptions = {}): Loaded<T> {
  const data = shallowRef<T | null>(null)
  const failed = ref('')
  const absent = ref(false)
  const busy = ref(false)
  let current: AbortController | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let gone = false
  /** It became old while it was being asked for. */
  let again = false

  async function load(): Promise<void> {
    if (gone) return
    again = false
    current?.abort()
    const mine = new AbortController()
    current = mine
    busy.value = true
    try {
      const answer = await ask(mine.signal)
      if (mine.signal.aborted) return
      data.value = answer
      failed.value = ''
      absent.value = false
    } catch (error) {
      if (mine.signal.aborted) return
      failed.value = whyNotShown(error)
      absent.value = error instanceof Refused && error.status === 404
    } finally {
      if (current === mine) {
        current = null
        busy.value = false
        if (again) soon()
      }
    }
  }

  /** Load once a burst of events is over; a question on its way is answered first, or a busy log would let none be. */
  function soon(): void {
    if (gone || timer !== null) return
    timer = setTimeout(() => {
      timer = null
      if (current === null) void load()
      else again = true
    }, options.settle ?? 250)
  }

  const when = options.when
  const stop = when === undefined ? undefined : liveStream().on((event) => when(event) && soon())
  onWhole(() => failed.value !== '' && void load())
  onScopeDispose(() => {
    gone = true
    busy.value = false
    stop?.()
    if (timer !== null) clearTimeout(timer)
    current?.abort()
    current = null
  })
  if (options.later) afterPicture(() => void load())
  else void load()
  return { data, failed, absent, busy, load }
}
