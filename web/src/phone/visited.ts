// Whom a task is to visit, as the phone names them.
import { computed, type ComputedRef } from 'vue'
import { householdsOf, numberOf } from '@/shared/households'
import { useI18n } from '@/shared/i18n'
import { useGrids } from './grids'
import { useKept } from './state'
import type { Task } from './tasks'

export interface Visited {
  id: string
  name: string
}

/** Return each by the number that it has in its grid, or by its place in the task until that is known. */
export function useVisited(task: Task): ComputedRef<Visited[]> {
  const { t } = useI18n()
  const grids = useGrids()
  const ids = task.households ?? []
  const found = useKept(`households ${task.id}`, (signal) => householdsOf(task.id, signal))
  return computed(() =>
    ids.map((id, at) => {
      const known = found.data.value?.find((one) => one.id === id)
      if (known === undefined) return { id, name: t('phone.personal.oneOf', { n: at + 1, total: ids.length }) }
      const elsewhere = known.grid === task.grid ? '' : `${grids.nameOf(known.grid)} `
      return { id, name: t('phone.personal.household', { number: elsewhere + numberOf(known) }) }
    }),
  )
}
