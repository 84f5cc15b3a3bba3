import { describe, expect, it } from 'vitest'
import type { Item } from '@/console/items'
import { likeliest } from '@/console/nearby'

const GRID = '500115101001001'
const case_ = (id: string, more = {}): Item =>
  ({ kind: 'case', id, category: 'environment', grid: GRID, reported_at: '2023-07-04T01:00:00Z', longitude: null, latitude: null, ...more }) as unknown as Item

describe('duplicates', () => {
  const one = case_('one', { longitude: 107.1, latitude: 29.8 }) as never
  it('are of the same category, near by in place and time, the likeliest first', () => {
    const found = likeliest(one, [
      case_('one'),
      case_('in the grid, place unknown'),
      case_('of another kind', { category: 'fire' }),
      case_('200 m away in the next grid', { grid: '500115101001002', longitude: 107.1, latitude: 29.8018 }),
      case_('5 km away', { longitude: 107.15, latitude: 29.8 }),
      case_('in another grid, place unknown', { grid: '500115101001002' }),
      case_('at the same place', { longitude: 107.1, latitude: 29.8 }),
      case_('long ago', { reported_at: '2023-05-04T01:00:00Z' }),
    ])
    expect(found.map(({ item }) => item.id)).toEqual(['at the same place', '200 m away in the next grid', 'in the grid, place unknown'])
    expect(found.map(({ metres }) => metres)).toEqual([0, 200, null])
  })

  it('are five at most', () => {
    expect(likeliest(one, Array.from({ length: 9 }, (_, n) => case_(String(n))))).toHaveLength(5)
  })
})
