// Taking back what was just done, where the domain has a step for that.
import { ref, shallowRef } from 'vue'
import { reason } from '@/shared/api/refused'

export interface Undo {
  what: string
  take: () => Promise<void>
}
/** Milliseconds that it is offered for. */
const OFFERED = 20_000

export const offered = shallowRef<Undo | null>(null)
export const wrong = ref('')
let timer: ReturnType<typeof setTimeout> | null = null

/** Offer to take back what was just done. */
export function offerUndo(what: string, take: () => Promise<void>): void {
  if (timer !== null) clearTimeout(timer)
  wrong.value = ''
  offered.value = { what, take }
  timer = setTimeout(withdraw, OFFERED)
}

export function withdraw(): void {
  offered.value = null
}

/** Take it back. */
export async function undo(): Promise<void> {
  const one = offered.value
  if (one === null) return
  offered.value = null
  try {
    await one.take()
  } catch (error) {
    wrong.value = reason(error)
  }
}
