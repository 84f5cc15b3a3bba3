// What was just done, and taking it back where the domain has a step for that.
import { ref, shallowRef } from 'vue'
import type { RouteLocationRaw } from 'vue-router'
import { reason, undecided } from '@/shared/api/refused'
import { say } from '@/shared/i18n'
import { Once } from '@/shared/sending'

/** Sends a named part of it under a key of its own, and not again once it is done. */
export type Part = (name: string, act: (key: string) => Promise<unknown>) => Promise<void>
export interface Undo {
  what: string
  /** Where it is to be seen. */
  at: RouteLocationRaw | null
  /** Nothing, where the domain has no step that takes it back. */
  take: ((part: Part, reason: string) => Promise<unknown>) | null
  /** Whether it is taken back with a reason, which goes into the log as whoever takes it back leaves it. */
  reasoned: boolean
  part: Part
}
/** Milliseconds that it is offered for, or told where there is nothing to offer. */
const OFFERED = 20_000
const TOLD = 8_000

export const offered = shallowRef<Undo | null>(null)
export const wrong = ref('')
export const busy = ref(false)
export const why = ref('')
let timer: ReturnType<typeof setTimeout> | null = null

/** Offer to take back what was just done. */
export function offerUndo(what: string, take: Undo['take'], { at = null, reasoned = false }: Partial<Pick<Undo, 'at' | 'reasoned'>> = {}): void {
  withdraw()
  offered.value = { what, at, take, reasoned, part: parts() }
  why.value = say('console.undone')
  timer = setTimeout(withdraw, take ? OFFERED : TOLD)
}

/** It stays there while it is pointed at or its reason is written. */
export function hold(): void {
  if (timer !== null) clearTimeout(timer)
  timer = null
}
export function goOn(): void {
  if (!busy.value && !wrong.value) timer ??= setTimeout(withdraw, offered.value?.take ? OFFERED : TOLD)
}

/** Say what was done, where nothing takes it back. */
export const tellDone = (what: string, at: RouteLocationRaw | null = null): void => offerUndo(what, null, { at })

/** Several requests, each of them sent until it is done, and then no more. */
export function parts(): Part {
  const open = new Map<string, Once>()
  const done = new Set<string>()
  return async (name, act) => {
    if (done.has(name)) return
    const once = open.get(name) ?? new Once()
    open.set(name, once)
    await once.send(act)
    done.add(name)
  }
}

export function withdraw(): void {
  hold()
  offered.value = null
  wrong.value = ''
}

/** Take it back; what may not have arrived can be sent again. */
export async function undo(): Promise<void> {
  const one = offered.value
  if (one?.take == null || busy.value || (one.reasoned && !why.value.trim())) return
  hold()
  busy.value = true
  wrong.value = ''
  try {
    await one.take(one.part, why.value)
    if (offered.value === one) withdraw()
  } catch (error) {
    // Meanwhile something else may have been done, and that is offered now.
    if (offered.value !== one) return
    if (!undecided(error)) offered.value = null
    wrong.value = reason(error)
  } finally {
    busy.value = false
  }
}
