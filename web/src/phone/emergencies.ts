// The emergencies that last in the worker's grids: other deadlines hold there, so they are told above every page.
import { computed, type ComputedRef } from 'vue'
import { api, got, lastPosition } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'
import { useGrids } from './grids'
import { useKept } from './state'

type PlaceMode = components['schemas']['PlaceMode']

/** Follow them, each with the names of those of the worker's grids that it holds; as last known where there is no network. */
export function useEmergencies(): ComputedRef<(PlaceMode & { grids: string[] })[]> {
  const { mine } = useGrids()
  const modes = useKept(
    'modes', async (signal) => (await got(api.GET('/api/v1/mode', { params: { query: { after: lastPosition() } }, signal }))).modes,
    { when: ({ kind }) => kind === 'mode', later: true },
  )
  const within = (scope: string): string[] => mine.value.filter(({ code }) => code.startsWith(scope)).map(({ name }) => name)
  return computed(() =>
    (modes.data.value ?? []).filter(({ mode }) => mode === 'emergency').map((one) => ({ ...one, grids: within(one.scope) })).filter(({ grids }) => grids.length > 0),
  )
}
