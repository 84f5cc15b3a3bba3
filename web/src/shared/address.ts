// What a page is asked for stands in its address; what is opened there is an entry of the browser's history, so that Back closes it.
import { useRoute, useRouter, type LocationQuery, type LocationQueryRaw, type Router } from 'vue-router'

/** What becomes of the named parts of the address; without a value they are left out. */
export type Change = Record<string, string | undefined>

export interface Address {
  /** Narrow down, sort, walk on: Back doesn't undo it. */
  ask: (change: Change) => void
  /** Open something: Back closes it. */
  open: (change: Change) => void
  /** Close it: back to where it was not open, if that is what would be shown. */
  close: (change: Change) => void
}

/** So many entries of the history are known to what was opened from one another. */
const KNOWN = 50
/** What the present entry of the history was opened from, one from another, the last one at the end. */
function openedFrom(): string[] {
  const { state } = history as { state: { openedFrom?: string[]; back?: string | null } | null }
  return state?.openedFrom ?? (state?.back ? [state.back] : [])
}

/** Open something as an entry of its own. */
export async function openAt(router: Router, query: LocationQueryRaw): Promise<void> {
  const from = [...openedFrom(), router.currentRoute.value.fullPath]
  await router.push({ query, state: { openedFrom: from.slice(-KNOWN) } })
}

/** On its way back. */
let going: Promise<void> | null = null
/**
 * Be at `query`, where something is closed. It goes back to the last entry that had it closed: what was opened in between is no
 * step to go back through any more. `same` says whether an address shows what `query` does.
 */
export async function closeTo(router: Router, query: LocationQueryRaw, closed: (query: LocationQuery) => boolean, same: (path: string) => boolean): Promise<void> {
  await going
  const from = openedFrom()
  let steps = 1
  while (steps <= from.length && !closed(router.resolve(from[from.length - steps]!).query)) steps += 1
  if (steps > from.length || (steps === 1 && !same(from[from.length - 1]!))) return void (await router.replace({ query }))
  going = new Promise<void>((gone) => {
    const stop = router.afterEach(() => {
      stop()
      gone()
    })
    router.go(-steps)
  })
  await going
  going = null
  if (!same(router.currentRoute.value.fullPath)) await router.replace({ query })
}

export function useAddress(): Address {
  const route = useRoute()
  const router = useRouter()
  function changed(change: Change): { query: LocationQueryRaw } {
    const query = { ...route.query, ...change }
    for (const name of Object.keys(query)) if (!query[name]) delete query[name]
    return { query }
  }
  return {
    ask: (change) => void router.replace(changed(change)),
    open: (change) => void openAt(router, changed(change).query),
    close(change) {
      // Pressed twice, it goes back once.
      if (going) return
      const { query } = changed(change)
      const path = router.resolve({ query }).fullPath
      void closeTo(router, query, (there) => Object.keys(change).every((name) => !there[name]), (there) => there === path)
    },
  }
}
