// What has happened in the town since the page was opened, the newest first.
import { shallowRef } from 'vue'
import { liveStream } from '@/shared/live'
import type { LiveEvent } from '@/shared/live/stream'

const MOST = 100
export const happened = shallowRef<LiveEvent[]>([])
let following = false

/** Begin to follow it. */
export function followFeed(): void {
  if (following) return
  following = true
  liveStream().on((event) => {
    if (event.kind === 'task' || event.kind === 'case') happened.value = [event, ...happened.value].slice(0, MOST)
  })
}
