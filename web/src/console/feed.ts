// What has happened in the town since the page was opened, the newest first.
import { shallowReactive, shallowRef } from 'vue'
import { api, got, lastPosition } from '@/shared/api/client'
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
export interface Concerned {
  title: string
  assignee?: Item['assignee']
}
export const concerned = shallowReactive(new Map<string, Concerned | null>())
const KNOWN = 30
export const keyOf = ({ kind, id }: LiveEvent): string => `${kind} ${id}`
let asking = false

/** What an event happened to and doesn't say itself: a plan's title is told where the plan is started or changed. */
const unsaid = (event: LiveEvent): boolean => isItem(event) || (event.kind === 'plan' && !('terms' in event.data))
function ask({ kind, id }: LiveEvent): Promise<Concerned> {
  if (kind !== 'plan') return oneItem(kind as Kind, id)
  return got(api.GET('/api/v1/plans/{id}', { params: { path: { id }, query: { after: lastPosition() } } }))
}

/** Ask for what the list shows, one after another: a thousand that are issued at once are not a thousand requests. */
export async function learn(): Promise<void> {
  if (asking) return
  asking = true
  try {
    for (;;) {
      const shown = happened.value.slice(0, KNOWN)
      const next = shown.find((event) => unsaid(event) && !concerned.has(keyOf(event)))
      if (next === undefined) break
      concerned.set(keyOf(next), await ask(next).catch(() => null))
      const kept = new Set(happened.value.map(keyOf))
      for (const key of concerned.keys()) if (!kept.has(key)) concerned.delete(key)
    }
  } finally {
    asking = false
  }
}
