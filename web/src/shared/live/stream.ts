// The one live stream of this tab: resumes where it was cut, and says how it is.
import { ref } from 'vue'
import { Frames, type Frame } from './frames'

/** One event of the log, as `/api/v1/stream` tells it. */
export interface LiveEvent {
  position: number
  name: string
  kind: string
  id: string
  version: number
  scope: string
  recorded_at: string
  data: Record<string, unknown>
}
export type Health = 'closed' | 'connecting' | 'live' | 'broken'

/** Without a sign of life for so long (the service gives one each 15 s) the connection is dead. */
const SILENCE = 40_000
const FIRST = 500
const SLOWEST = 30_000

export interface StreamOptions {
  fetch?: typeof fetch
  /** The place of the page as it connects for the first time: what it has loaded knows everything up to there. */
  begin?: () => number | null
  /** Told what a listener has thrown; the stream goes on. */
  failed?: (error: unknown) => void
  /** What to await when the session has ended. */
  expired?: () => Promise<void>
  silence?: number
  first?: number
}

/** Follows the stream from a position on; each event is told once and in order. */
export class Stream {
  readonly health = ref<Health>('closed')
  /** The time at which it was last known to be whole. */
  readonly wholeAt = ref(0)
  private position: number | null
  private wait: number
  private running: AbortController | null = null
  private wake: (() => void) | null = null
  private readonly listeners = new Set<(event: LiveEvent) => void>()
  private readonly noticed = new Map<string, Set<(data: unknown) => void>>()

  constructor(
    after: number | null = null,
    private readonly options: StreamOptions = {},
  ) {
    this.position = after
    this.wait = options.first ?? FIRST
  }

  /** Be told each event; returns how to stop being told. */
  on(listener: (event: LiveEvent) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Be told what has a name but no place in the log, such as the state of one's own `inbox`. */
  onNotice(name: string, listener: (data: unknown) => void): () => void {
    const listeners = this.noticed.get(name) ?? new Set()
    this.noticed.set(name, listeners.add(listener))
    return () => listeners.delete(listener)
  }

  start(): void {
    if (this.running !== null) return
    this.running = new AbortController()
    globalThis.addEventListener?.('online', this.hurry)
    void this.follow(this.running.signal)
  }

  stop(): void {
    this.running?.abort()
    this.running = null
    globalThis.removeEventListener?.('online', this.hurry)
    this.hurry()
    this.health.value = 'closed'
  }

  private readonly hurry = (): void => {
    this.wait = this.options.first ?? FIRST
    this.wake?.()
  }

  private async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.health.value = this.health.value === 'closed' ? 'connecting' : this.health.value
      let atOnce = false
      try {
        atOnce = await this.once(signal)
      } catch {
        // Cut off: told by `health`, and tried again.
      }
      if (signal.aborted) return
      if (atOnce) continue
      this.health.value = 'broken'
      await this.pause()
      this.wait = Math.min(this.wait * 2, SLOWEST)
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.wait * (0.75 + Math.random() / 2))
      this.wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Follow until it is cut off; tells whether to connect again at once. */
  private async once(signal: AbortSignal): Promise<boolean> {
    const cut = new AbortController()
    const both = () => cut.abort()
    signal.addEventListener('abort', both)
    let quiet = setTimeout(both, this.options.silence ?? SILENCE)
    try {
      this.position ??= this.options.begin?.() ?? null
      const headers: Record<string, string> = { accept: 'text/event-stream' }
      if (this.position !== null) headers['last-event-id'] = String(this.position)
      const ask = this.options.fetch ?? globalThis.fetch
      const response = await ask('/api/v1/stream', {
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: cut.signal,
      })
      if (response.status === 401 && this.options.expired) {
        await this.options.expired()
        return true
      }
      if (!response.ok || response.body === null) return false
      const reader = response.body.getReader()
      const decoder = new TextDecoder()
      const frames = new Frames()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return false
        clearTimeout(quiet)
        quiet = setTimeout(both, this.options.silence ?? SILENCE)
        this.health.value = 'live'
        this.wholeAt.value = Date.now()
        this.wait = this.options.first ?? FIRST
        for (const frame of frames.take(decoder.decode(value, { stream: true }))) this.tell(frame)
      }
    } finally {
      clearTimeout(quiet)
      signal.removeEventListener('abort', both)
      // Whatever it ended with: a browser has few connections, and this one is done with.
      cut.abort()
    }
  }

  private tell(frame: Frame): void {
    if (frame.id === null) {
      if (frame.data !== null) this.each(this.noticed.get(frame.event) ?? [], frame.data)
      return
    }
    const at = Number(frame.id)
    // What was told before the cut and comes once more.
    if (!Number.isFinite(at) || (this.position !== null && at <= this.position)) return
    this.position = at
    if (frame.data !== null) this.each(this.listeners, frame.data)
  }

  /** Tell each of them; one that fails keeps nothing from the others. */
  private each<T>(listeners: Iterable<(told: T) => void>, data: string): void {
    let told: T
    try {
      told = JSON.parse(data) as T
    } catch (error) {
      this.failed(error)
      return
    }
    for (const listener of [...listeners]) {
      try {
        listener(told)
      } catch (error) {
        this.failed(error)
      }
    }
  }

  private failed(error: unknown): void {
    if (this.options.failed) this.options.failed(error)
    // As an error that nobody caught: the console has it, and the stream goes on.
    else {
      setTimeout(() => {
        throw error
      })
    }
  }
}
