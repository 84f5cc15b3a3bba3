// Loading what a page shows: with a sign while it loads, why not if it fails, and again when the log grows.
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { reason } from './api/refused'
import { liveStream } from './live'
import type { LiveEvent } from './live/stream'

export interface Loaded<T> {
  /** What was loaded last; it stays while it is loaded again. */
  data: ShallowRef<T | null>
  /** Why it could not be loaded, in words, or empty. */
  failed: Ref<string>
  busy: Ref<boolean>
  /** Load it (again). */
  load: () => Promise<void>
}

export interface LoadOptions {
  /** Which events of the log make it old; none by default. */
  when?: (event: LiveEvent) => boolean
  /** Milliseconds that a burst of events is waited out for. */
  settle?: number
}

/** Load with `ask`, now and whenever `load` is called or an event makes it old; a later answer wins over an earlier. */
export function useLoaded<T>(ask: (signal: AbortSignal) => Promise<T>, options: LoadOptions = {}): Loaded<T> {
  const data = shallowRef<T | null>(null)
  const failed = ref('')
  const busy = ref(false)
  let current: AbortController | null = null

  async function load(): Promise<void> {
    current?.abort()
    const mine = new AbortController()
    current = mine
    busy.value = true
    try {
      const answer = await ask(mine.signal)
      if (mine.signal.aborted) return
      data.value = answer
      failed.value = ''
    } catch (error) {
      if (mine.signal.aborted) return
      failed.value = reason(error)
    } finally {
      if (current === mine) busy.value = false
    }
  }

  const when = options.when
  if (when !== undefined) {
    let timer: ReturnType<typeof setTimeout> | null = null
    const stop = liveStream().on((event) => {
      if (timer !== null || !when(event)) return
      timer = setTimeout(() => {
        timer = null
        void load()
      }, options.settle ?? 250)
    })
    onScopeDispose(() => {
      stop()
      if (timer !== null) clearTimeout(timer)
    })
  }
  onScopeDispose(() => current?.abort())
  void load()
  return { data, failed, busy, load }
}
