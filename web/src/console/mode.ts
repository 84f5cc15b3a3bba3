// Which mode holds (平急): an emergency is to be seen on every page.
import { computed } from 'vue'
import type { components } from '@/shared/api/schema'
import { api, got, lastPosition } from '@/shared/api/client'
import { useLoaded } from '@/shared/load'

export type PlaceMode = components['schemas']['PlaceMode']

/** Follow the modes of the desk's scope. */
export function useModes() {
  const modes = useLoaded(
    async (signal) => (await got(api.GET('/api/v1/mode', { params: { query: { after: lastPosition() } }, signal }))).modes,
    { when: ({ kind }) => kind === 'mode' },
  )
  const emergencies = computed(() => (modes.data.value ?? []).filter(({ mode }) => mode === 'emergency'))
  return { modes, emergencies }
}
