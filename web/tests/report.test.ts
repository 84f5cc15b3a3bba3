import { describe, expect, it } from 'vitest'
import { blank, RARE, reportOf, USUAL } from '@/phone/report'
import { CATEGORIES } from '@/shared/choices'

describe('a report from the field', () => {
  const onTheSpot = { ...blank('500115101001001'), selfHandled: true, note: '已劝和' }
  it('says that it was put right on the spot, and how', () => {
    expect(reportOf({ ...onTheSpot, category: 'fire' }, null)).toMatchObject({ self_handled: true, note: '已劝和' })
  })
  it('never says so of a dispute, which goes by its ledger', () => {
    expect(reportOf({ ...onTheSpot, category: 'dispute' }, null)).toMatchObject({ self_handled: false, note: '' })
  })
})

it('can be of every category but those that no grid worker reports, each offered once', () => {
  expect([...USUAL, ...RARE].sort()).toEqual(CATEGORIES.filter((one) => one !== 'permit' && one !== 'uncategorised').sort())
})
