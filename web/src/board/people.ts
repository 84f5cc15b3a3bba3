// Who has something to do, by name: people by the staffing that the board shows, departments by the town's own list.
import { computed } from 'vue'
import { api, got } from '@/shared/api/client'
import { say } from '@/shared/i18n'
import { useLoaded } from '@/shared/load'
import type { Board } from './overview'

/** Return what gives a person or a department its name. */
export function useNames(board: Board) {
  const departments = useLoaded((signal) => got(api.GET('/api/v1/departments', { signal })))
  const names = computed(() => {
    const found = new Map((departments.data.value ?? []).map(({ id, name, closed }) => [id, closed ? say('department.closed', { name }) : name]))
    const staffing = board.data.value?.staffing
    for (const { posts } of staffing?.grids ?? []) for (const persons of Object.values(posts)) for (const { member, name } of persons) found.set(member, name)
    for (const { member, name } of staffing?.leaders ?? []) found.set(member, name)
    return found
  })
  return (id: string | null | undefined): string => (id ? (names.value.get(id) ?? id) : '—')
}
