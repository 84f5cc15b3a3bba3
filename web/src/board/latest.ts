// One question at a time: of those that come meanwhile only the last is put, so that a slider never floods a service.

export interface Heard<Q, A> {
  told: (question: Q, answer: A) => void
  failed: (question: Q, error: unknown) => void
  /** Whether something is on its way. */
  busy?: (busy: boolean) => void
}

/** A question that has been on its way for so long is given up for a newer one. */
const PATIENCE = 3_000

/** Puts questions; the later one wins. */
export class Latest<Q, A> {
  private running: { cut: AbortController; since: number } | null = null
  private next: { question: Q } | null = null

  constructor(
    private readonly ask: (question: Q, signal: AbortSignal) => Promise<A>,
    private readonly heard: Heard<Q, A>,
  ) {}

  /** Whether something is asked or waits to be. */
  get busy(): boolean {
    return this.running !== null
  }

  put(question: Q): void {
    if (this.running !== null && Date.now() - this.running.since < PATIENCE) {
      this.next = { question }
      return
    }
    this.running?.cut.abort()
    void this.run(question)
  }

  /** Give up what is asked and what waits. */
  forget(): void {
    this.next = null
    this.running?.cut.abort()
    this.running = null
    this.heard.busy?.(false)
  }

  private async run(question: Q): Promise<void> {
    const mine = { cut: new AbortController(), since: Date.now() }
    this.running = mine
    this.heard.busy?.(true)
    try {
      const answer = await this.ask(question, mine.cut.signal)
      if (this.running === mine) this.heard.told(question, answer)
    } catch (error) {
      // A newer question waits: its answer is what counts.
      if (this.running === mine && this.next === null) this.heard.failed(question, error)
    }
    if (this.running !== mine) return
    const waiting = this.next
    this.next = null
    this.running = null
    if (waiting !== null) void this.run(waiting.question)
    else this.heard.busy?.(false)
  }
}
