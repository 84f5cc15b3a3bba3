// The slider's places: one for each day since the log began.
import { DAY, OFFSET } from './time'

/** The slider's ticks lie at the end of the working day. */
const TICK = 18 * 3_600_000

/** The slider over all days from the log's first event until now; its last place is now itself, which is live. */
export class Days {
  private readonly first: number
  readonly last: number

  constructor(
    private readonly began: number,
    private readonly now: number,
  ) {
    this.first = Math.floor((began + OFFSET) / DAY)
    this.last = Math.max(0, Math.floor((now + OFFSET) / DAY) - this.first)
  }

  /** The moment of a place; null for the last one, which is live. */
  at(place: number): number | null {
    if (place >= this.last) return null
    return Math.max(this.began, (this.first + Math.max(0, place)) * DAY - OFFSET + TICK)
  }

  /** The place of a moment, the nearest at or before it. */
  of(at: number | null): number {
    if (at === null) return this.last
    return Math.min(this.last, Math.max(0, Math.floor((at + OFFSET) / DAY) - this.first))
  }

  /** The moment so many days on from another, or null if that is live. */
  step(at: number | null, days: number): number | null {
    const from = at ?? this.now
    const to = Math.max(this.began, from + days * DAY)
    if (to >= this.now) return null
    return at === null ? this.at(this.of(to)) : to
  }
}
