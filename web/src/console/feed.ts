// What has happened in the town since the page was opened, the newest first.
import { shallowReactive, shallowRef } from 'vue'
import { liveStream } from '@/shared/live'
import type { LiveEvent } from '@/shared/live/stream'
import { oneItem, type Item, type Kind } from './items'

const MOST = 100
/** What is told of beside all that happens to tasks and cases, which permits are, too. */
const TOLD = new Set([
  'mode.emergency_entered', 'mode.emergency_left', 'campaign.issued', 'plan.started', 'plan.changed', 'plan.paused', 'plan.resumed', 'plan.ended',
])
export const isItem = ({ kind }: Pick<LiveEvent, 'kind'>): boolean => kind === 'task' || kind === 'case'
export const isTold = (event: Pick<LiveEvent, 'kind' | 'name'>): boolean => isItem(event) || TOLD.has(event.name)
export const happened = shallowRef<LiveEvent[]>([])
let following = false

/** Begin to follow it. */
export function followFeed(): void {
  if (following) return
  following = true
  liveStream().on((event) => {
    if (isTold(event)) happened.value = [event, ...happened.value].slice(0, MOST)
  })
}

/** What the newest of them happened to, as it stands now. */
export const concerned = shallowReactive(new Map<string, Item | null>())
const KNOWN = 30
export const keyOf = ({ kind, id }: LiveEvent): string => `${kind} ${id}`
let asking = false

/** Ask for the items that the list shows, one after another: a thousand that are issued at once are not a thousand requests. */
export async function learnItems(): Promise<void> {
  if (asking) return
  asking = true
  try {
    for (;;) {
      const shown = happened.value.slice(0, KNOWN)
      const next = shown.find((event) => isItem(event) && !concerned.has(keyOf(event)))
      if (next === undefined) break
      concerned.set(keyOf(next), await oneItem(next.kind as Kind, next.id).catch(() => null))
      const kept = new Set(happened.value.map(keyOf))
      for (const key of concerned.keys()) if (!kept.has(key)) concerned.delete(key)
    }
  } finally {
    asking = false
  }
}
