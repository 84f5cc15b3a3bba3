// The phone's clock against the service's: what happens is stamped with the best time that the phone knows.
import { computed, ref } from 'vue'
import { keep, kept } from '@/shared/kept'
import { setAhead } from '@/shared/live'

/** Milliseconds by which two clocks may differ without anybody minding. */
export const TOLERATED = 120_000

/** What the phone knew of the time when something happened, in ms. */
export interface Clock {
  /** What its own clock said. */
  phone: number
  /** By how much the service was ahead of it, as far as was known. */
  ahead: number
  /** The service's time when it was last heard from; null: not yet. */
  contact: number | null
}

const ahead = ref(kept<number>('clock-ahead') ?? 0)
let contact = kept<number>('clock-contact')
/** Milliseconds that the phone's clock is ahead of the server's by the answers' dates; null: not known yet. */
export const wrongBy = ref<number | null>(null)
export const clockIsWrong = computed(() => wrongBy.value !== null && Math.abs(wrongBy.value) > TOLERATED)

/** Compare the phone's clock with the date of an answer, which is cut down to whole seconds. */
export function noteDate(answer: Response): void {
  const date = Date.parse(answer.headers.get('date') ?? '')
  if (!Number.isNaN(date)) wrongBy.value = Date.now() - date - 500
}

/** Ask the service what time it is, and tell whether it was reached; without a network what was known stays. */
export async function learnClock(): Promise<boolean> {
  try {
    const answer = await fetch('/api/v1/clock', { credentials: 'same-origin', cache: 'no-store' })
    noteDate(answer)
    if (!answer.ok) return true
    const { now } = (await answer.json()) as { now: string }
    contact = Date.parse(now)
    ahead.value = contact - Date.now()
    keep('clock-contact', contact)
    keep('clock-ahead', ahead.value)
    setAhead(ahead.value)
    return true
  } catch {
    // Not reached: told elsewhere.
    return false
  }
}
setAhead(ahead.value)

const putRight = (phone: number, by: number): number => (Math.abs(by) > TOLERATED ? phone + by : phone)

/** The time to stamp something with: the phone's, put right where it is known to be wrong. */
export function deviceTime(): string {
  return new Date(putRight(Date.now(), ahead.value)).toISOString()
}
export function clockNow(): Clock {
  return { phone: Date.now(), ahead: ahead.value, contact }
}

/**
 * When something happened (ms), told anew once the service is heard again. It can't have been before the service was last heard
 * from, nor is it still to come: where what was known then says so, the clock went wrong, or was put right, in between, and
 * what is known now is believed.
 */
export function happenedAt(then: Clock, now: Clock): number {
  const latest = now.phone + now.ahead
  const earliest = then.contact !== null && then.contact <= latest ? then.contact : -Infinity
  const [asKnownThen, asKnownNow] = [putRight(then.phone, then.ahead), putRight(then.phone, now.ahead)]
  const possible = (at: number): boolean => at >= earliest - TOLERATED && at <= latest + TOLERATED
  if (possible(asKnownThen)) return asKnownThen
  return possible(asKnownNow) ? asKnownNow : Math.min(Math.max(asKnownNow, earliest), latest)
}

