// The tab's stream, and the service's time.
import { computed, ref, shallowRef, watch } from 'vue'
import { knowPosition, lastPosition, send } from '@/shared/api/client'
import { afterPicture } from '@/shared/picture'
import { useSession } from '@/shared/session'
import { Stream } from './stream'

const only = shallowRef<Stream | null>(null)

/** Return the tab's one stream, which begins once the page's first picture is there. */
export function liveStream(): Stream {
  if (only.value === null) {
    const session = useSession()
    // What is loaded from now on is of this position or later, whenever the stream begins; if none is known yet, of what was answered.
    const from = lastPosition()
    const made = new Stream(null, { expired: session.expired, begin: () => from || lastPosition() || null })
    // Before anybody else hears of it: who loads again because of an event is to find it in the answer.
    made.on(({ position }) => knowPosition(position))
    afterPicture(() => made.start())
    only.value = made
  }
  return only.value
}

/** What the browser says of the network; a short loss may leave the stream alone and fail everything else. */
const online = ref(navigator.onLine)
for (const name of ['online', 'offline']) addEventListener(name, () => (online.value = navigator.onLine))
/** How the line to the service is; empty is well. */
export const line = computed(() => (!online.value ? 'offline' : only.value?.health.value === 'broken' ? 'reconnecting' : ''))
const whole = computed(() => online.value && only.value?.health.value === 'live')

/** Be told, as long as the component lives, when the line is whole (again): what could not be had may be there now. */
export function onWhole(again: () => void): void {
  watch(whole, (is) => is && again())
}

/** What a part of the page that could not be loaded is waited for before it is tried again, in ms. */
const PAUSE = 1000
/** Load a part of the page: `() => import(…)`; one that the line was cut under is tried again when it is whole. */
export async function later<T>(load: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await load()
    } catch (error) {
      if (tries > 3) throw error
      await new Promise((resolve) => setTimeout(resolve, PAUSE))
      await new Promise<void>((resolve) => {
        const stop = watch(
          line,
          (is) => {
            if (is !== '') return
            resolve()
            queueMicrotask(() => stop())
          },
          { immediate: true },
        )
      })
    }
  }
}

let ahead = 0
/** The service's time in ms, ticking each second: countdowns follow the service's clock and not the device's. */
export const serviceNow = ref(Date.now())
setInterval(() => (serviceNow.value = Date.now() + ahead), 1000)

/** When the stream was last known to be whole, on the service's clock. */
export const wholeAt = (): number => (only.value?.wholeAt.value ? only.value.wholeAt.value + ahead : serviceNow.value)

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
