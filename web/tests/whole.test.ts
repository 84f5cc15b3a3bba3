import { describe, expect, it } from 'vitest'
import { wholeOf, type Pin } from '@/shared/export/whole'

describe('a list to its end', () => {
  it('is of one position of the log, though it grows while it is fetched', async () => {
    const asked: Pin[] = []
    const log = Array.from({ length: 1201 }, (_, n) => n)
    let head = 1201
    const taken = await wholeOf(async (pin) => {
      asked.push(pin)
      head += 10
      log.unshift(-head)
      const known = log.filter((n) => pin.known_at === undefined || n >= 0)
      const from = Number(pin.cursor ?? 0)
      const next = from + pin.limit < known.length ? String(from + pin.limit) : null
      return { items: known.slice(from, from + pin.limit), next, as_of: `t${pin.known_at ?? head}`, position: pin.known_at ?? head }
    })
    expect(taken.rows).toEqual(Array.from({ length: 1201 }, (_, n) => n))
    expect([taken.as_of, taken.position]).toEqual(['t1211', 1211])
    expect(asked).toEqual([
      { limit: 500 },
      { limit: 500, as_of: 't1211', known_at: 1211 },
      { limit: 500, as_of: 't1211', known_at: 1211, cursor: '500' },
      { limit: 500, as_of: 't1211', known_at: 1211, cursor: '1000' },
    ])
  })

  it('that is short is asked for once', async () => {
    const taken = await wholeOf(() => Promise.resolve({ items: ['a'], next: null, as_of: 't', position: 1 }))
    expect(taken).toEqual({ rows: ['a'], as_of: 't', position: 1 })
  })
})
