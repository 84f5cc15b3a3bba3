// What is being typed on the phone, kept until it was sent; every open form keeps its own, in whichever tab it is.
import { onScopeDispose } from 'vue'
import { draft, keepDraft } from './store'

const PARTS = ['text', 'photos', 'notMet'] as const
type Part = (typeof PARTS)[number]
/** More forms of one name than anybody has open at once. */
const PLACES = 9
/** Milliseconds until a page that has just been left has let go of what it kept. */
const LETS_GO = 300

export interface Draft {
  /** What was typed before. */
  found: <T>(part: Part) => Promise<T | null>
  keep: (part: Part, value: unknown) => Promise<void>
  /** It was sent, or is not wanted any more. */
  forget: () => Promise<void>
}

/** Keep what is typed under a name as long as a form lives, or take up what a form that has gone left there. */
export function useDraft(name: string): Draft {
  let close = (): void => undefined
  const closed = new Promise<void>((resolve) => (close = resolve))
  onScopeDispose(() => close())
  const place = take(name, closed)
  return {
    found: async (part) => draft(`${await place} ${part}`),
    keep: async (part, value) => keepDraft(`${await place} ${part}`, value),
    forget: async () => forget(await place),
  }
}

/** Forget what was typed under a name, wherever. */
export async function forgetAll(name: string): Promise<void> {
  await Promise.all(placesOf(name).map(forget))
}

async function forget(place: string): Promise<void> {
  await Promise.all(PARTS.map((part) => keepDraft(`${place} ${part}`, null)))
}

function placesOf(name: string): string[] {
  return Array.from({ length: PLACES }, (_, at) => (at === 0 ? name : `${at + 1} ${name}`))
}

async function isFilled(place: string): Promise<boolean> {
  const found = await Promise.all(PARTS.map((part) => draft(`${place} ${part}`)))
  return found.some((part) => part !== null)
}

/** Return a place that is no other form's: one with something in it before an empty one. */
async function take(name: string, until: Promise<void>): Promise<string> {
  const places = placesOf(name)
  const filled = await Promise.all(places.map(isFilled)).catch(() => places.map(() => false))
  for (const [at, place] of places.entries()) if (filled[at] && (await hold(place, until, LETS_GO))) return place
  for (const [at, place] of places.entries()) if (!filled[at] && (await hold(place, until, 0))) return place
  return name
}

/** Hold a place until then, and say whether it was free; where there are no locks, all are. */
function hold(place: string, until: Promise<void>, patience: number): Promise<boolean> {
  if (!('locks' in navigator)) return Promise.resolve(true)
  return new Promise((resolve) => {
    const cut = new AbortController()
    const options = patience > 0 ? { signal: cut.signal } : { ifAvailable: true }
    const timer = setTimeout(() => cut.abort(), patience)
    const held = (lock: Lock | null): Promise<void> | undefined => {
      clearTimeout(timer)
      resolve(lock !== null)
      return lock === null ? undefined : until
    }
    navigator.locks.request(`dispatch-draft ${place}`, options, held).catch(() => resolve(false))
  })
}
