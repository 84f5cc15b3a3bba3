// The names of the worker's grids: loaded once for all pages.
import { computed, type ComputedRef } from 'vue'
import { api, got } from '@/shared/api/client'
import { useSession } from '@/shared/session'
import { useKept } from './state'

export interface Grid {
  code: string
  name: string
}
export interface Grids {
  mine: ComputedRef<Grid[]>
  nameOf: (code: string) => string
}

let only: Grids | null = null

/** Begin to follow the worker's grids with their names, or their codes as long as the names are not known. */
export function followGrids(): void {
  const session = useSession()
  const names = useKept('grids', async (signal) => {
    const places = await got(api.GET('/api/v1/grids', { params: { query: {} }, signal }))
    return Object.fromEntries(places.map(({ code, name }) => [code, name]))
  })
  const nameOf = (code: string): string => names.data.value?.[code] ?? code
  only = { mine: computed(() => (session.who?.grids ?? []).map((code) => ({ code, name: nameOf(code) }))), nameOf }
}

/** Those that the page's frame follows. */
export function useGrids(): Grids {
  if (only === null) throw new Error('nobody follows the grids')
  return only
}
