// Working without a network: the page's files are kept by a service worker, whose newer version waits to be asked in.
import { ref, shallowRef } from 'vue'

/** Whether the page opens without a network: `never` where the browser or a connection without HTTPS forbids it. */
export const readiness = ref<'never' | 'preparing' | 'ready'>('serviceWorker' in navigator ? 'preparing' : 'never')
/** The newer version of the page that waits, if there is one. */
export const waitingVersion = shallowRef<ServiceWorker | null>(null)

const LOOK_AGAIN = 3_600_000

/** Have the page kept, and look for newer versions each hour and whenever it is looked at again. */
export async function keepPage(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const { serviceWorker } = navigator
  const first = serviceWorker.controller === null
  serviceWorker.addEventListener('controllerchange', () => {
    // The first one takes the page as it is; a newer one has newer files for it.
    if (!first || waitingVersion.value !== null) location.reload()
  })
  try {
    const registration = await serviceWorker.register('/m/sw.js', { scope: '/m/', updateViaCache: 'none' })
    const noted = (): void => {
      if (registration.waiting !== null && serviceWorker.controller !== null) waitingVersion.value = registration.waiting
    }
    noted()
    registration.addEventListener('updatefound', () => registration.installing?.addEventListener('statechange', noted))
    const look = (): void => void registration.update().catch(() => undefined)
    setInterval(look, LOOK_AGAIN)
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && look())
    await serviceWorker.ready
    readiness.value = 'ready'
  } catch {
    readiness.value = 'never'
  }
}

/** Take the newer version: the page is loaded anew, with what is typed kept as always. */
export function takeVersion(): void {
  waitingVersion.value?.postMessage('take-over')
}
