// The tab's stream, and the service's time.
import { onScopeDispose, ref } from 'vue'
import { knowPosition, lastPosition, send } from '@/shared/api/client'
import { useSession } from '@/shared/session'
import { Stream, type LiveEvent } from './stream'

let only: Stream | null = null

/** Return the tab's one stream, started. */
export function liveStream(): Stream {
  if (only === null) {
    const session = useSession()
    only = new Stream(null, { expired: session.expired, begin: () => lastPosition() || null })
    // Before anybody else hears of it: who loads again because of an event is to find it in the answer.
    only.on(({ position }) => knowPosition(position))
    only.start()
  }
  return only
}

/** Be told each event as long as the component lives. */
export function onLive(listener: (event: LiveEvent) => void): void {
  onScopeDispose(liveStream().on(listener))
}

let ahead = 0
/** The service's time in ms, ticking each second: countdowns follow the service's clock and not the device's. */
export const serviceNow = ref(Date.now())
setInterval(() => (serviceNow.value = Date.now() + ahead), 1000)

/** Set `serviceNow` by the service's clock. */
export async function learnTime(): Promise<void> {
  const { now } = await send<{ now: string }>('GET', '/clock')
  setAhead(new Date(now).getTime() - Date.now())
}

/** Set `serviceNow` by how many ms the service's clock is known to be ahead of the device's. */
export function setAhead(milliseconds: number): void {
  ahead = milliseconds
  serviceNow.value = Date.now() + ahead
}
