// The phone's clock against the service's: what happens is stamped with the best time that the phone knows.
import { computed, ref } from 'vue'
import { keep, kept } from '@/shared/kept'
import { setAhead } from '@/shared/live'

/** Milliseconds by which two clocks may differ without anybody minding. */
export const TOLERATED = 120_000

const ahead = ref(kept<number>('clock-ahead') ?? 0)
/** Milliseconds that the phone's clock is ahead of the server's by the answers' dates; null: not known yet. */
export const wrongBy = ref<number | null>(null)
export const clockIsWrong = computed(() => wrongBy.value !== null && Math.abs(wrongBy.value) > TOLERATED)

/** Compare the phone's clock with the date of an answer, which is cut down to whole seconds. */
export function noteDate(answer: Response): void {
  const date = Date.parse(answer.headers.get('date') ?? '')
  if (!Number.isNaN(date)) wrongBy.value = Date.now() - date - 500
}

/** Ask the service what time it is; without a network what was known stays. */
export async function learnClock(): Promise<void> {
  try {
    const answer = await fetch('/api/v1/clock', { credentials: 'same-origin', cache: 'no-store' })
    noteDate(answer)
    if (!answer.ok) return
    const { now } = (await answer.json()) as { now: string }
    ahead.value = Date.parse(now) - Date.now()
    keep('clock-ahead', ahead.value)
    setAhead(ahead.value)
  } catch {
    // Not reached: told elsewhere.
  }
}
setAhead(ahead.value)

/** The time to stamp something with: the phone's, put right where it is known to be wrong. */
export function deviceTime(): string {
  const phone = Date.now()
  return new Date(Math.abs(ahead.value) > TOLERATED ? phone + ahead.value : phone).toISOString()
}

