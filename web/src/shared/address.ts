// What a page is asked for stands in its address; what is opened there is an entry of the browser's history, so that Back closes it.
import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'

/** What becomes of the named parts of the address; without a value they are left out. */
export type Change = Record<string, string | undefined>

export interface Address {
  /** Narrow down, sort, walk on: Back doesn't undo it. */
  ask: (change: Change) => void
  /** Open something: Back closes it. */
  open: (change: Change) => void
  /** Close it: back to where it was opened, if that is what would be shown. */
  close: (change: Change) => void
}

export function useAddress(): Address {
  const route = useRoute()
  const router = useRouter()
  function changed(change: Change): { query: LocationQueryRaw } {
    const query = { ...route.query, ...change }
    for (const name of Object.keys(query)) if (!query[name]) delete query[name]
    return { query }
  }
  /** Pressed twice, it goes back once. */
  let going = false
  return {
    ask: (change) => void router.replace(changed(change)),
    open: (change) => void router.push(changed(change)),
    close(change) {
      const closed = changed(change)
      if (going) return
      if (history.state?.back !== router.resolve(closed).fullPath) return void router.replace(closed)
      going = true
      addEventListener('popstate', () => (going = false), { once: true })
      router.back()
    },
  }
}
