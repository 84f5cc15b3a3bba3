// Households as all faces know them: by a number in their grid, and nothing personal.
import { api, got, lastPosition } from './api/client'
import type { components } from './api/schema'

export type Household = components['schemas']['HouseholdItem']

const DIGITS = 3
/** The number as it is written: 007. */
export const numberOf = ({ number }: Pick<Household, 'number'>): string => String(number).padStart(DIGITS, '0')

/** As many as one task may name. */
const MOST = 200

/** Return those that a task is to visit and that may be seen, at a moment or now: a worker sees those of his grids. */
export async function householdsOf(task: string, signal?: AbortSignal, when: object = { after: lastPosition() }): Promise<Household[]> {
  const query = { ...when, task, limit: MOST }
  return (await got(api.GET('/api/v1/households', { params: { query }, ...(signal ? { signal } : {}) }))).items
}
