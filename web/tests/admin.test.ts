import { describe, expect, it } from 'vitest'
import { datesOf, edited, rowsOf, sendable, shownLimit, spansOf, takenLimit, type Policy } from '@/admin/policy'
import { boundariesOf, gridsOf, peopleOf } from '@/admin/town'

const TOWN = '500115101'
const none = new Set<string>()

describe('grids in lines', () => {
  it('are read as a table is copied, with commas of either kind, and with the town left out of the code', () => {
    const text = `网格代码\t名称\t村居\n001001\t第一网格\t万顺村\n\n${TOWN}001002，第二网格，万顺村\n 001003 , Third , Wanshun \n`
    const { grids, wrong } = gridsOf(text, TOWN, none)
    expect(wrong).toEqual([])
    expect(grids).toEqual([
      { code: `${TOWN}001001`, name: '第一网格', village: '万顺村' },
      { code: `${TOWN}001002`, name: '第二网格', village: '万顺村' },
      { code: `${TOWN}001003`, name: 'Third', village: 'Wanshun' },
    ])
  })
  it('are told by line what is wrong with them', () => {
    const text = ['001001,甲', '12,乙,村', '500115999001001,丙,村', '001002,丁,村', '001002,戊,村', '001003,己,村'].join('\n')
    const { wrong } = gridsOf(text, TOWN, new Set([`${TOWN}001003`]))
    expect(wrong).toEqual([
      { line: 1, why: 'columns' },
      { line: 2, why: 'code' },
      { line: 3, why: 'outside' },
      { line: 5, why: 'twice' },
      { line: 6, why: 'drawn' },
    ])
  })
})

describe('people in lines', () => {
  it('get an id where they have none', () => {
    let made = 1
    const { people, wrong } = peopleOf('王芳\n李强,li-qiang\n赵敏', ['p-1'], () => `p-${(made += 1)}`)
    expect(wrong).toEqual([])
    expect(people.map(({ member }) => member)).toEqual(['p-2', 'li-qiang', 'p-3'])
  })
  it('get ids of their own that the service takes, two of one name too', () => {
    const ids = peopleOf('王芳\n王芳', []).people.map(({ member }) => member)
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(id).toMatch(/^[a-z0-9][a-z0-9-]{0,63}$/)
  })
  it('are told by line what is wrong with them', () => {
    expect(peopleOf('名'.repeat(201), []).wrong).toEqual([{ line: 1, why: 'long' }])
    expect(peopleOf('王芳,Wang\n李强,li,x\n赵敏,li', ['li']).wrong.map(({ why }) => why)).toEqual(['id', 'columns', 'twice'])
  })
})

it('takes the shapes of grids out of a GeoJSON file by code, and nothing that is no shape', () => {
  const square = [[[107, 29], [108, 29], [108, 30], [107, 29]]]
  const features = [
    { type: 'Feature', properties: { code: `${TOWN}001001`, name: 'x' }, geometry: { type: 'Polygon', coordinates: square } },
    { type: 'Feature', id: `${TOWN}001002`, properties: null, geometry: { type: 'MultiPolygon', coordinates: [square] } },
    { type: 'Feature', properties: { code: `${TOWN}001003` }, geometry: { type: 'Point', coordinates: [107, 29] } },
  ]
  const found = boundariesOf(JSON.stringify({ type: 'FeatureCollection', features }))
  expect([...found.keys()]).toEqual([`${TOWN}001001`, `${TOWN}001002`])
  expect(found.get(`${TOWN}001001`)).toEqual({ type: 'Polygon', coordinates: square })
})

it('takes the dates out of lines, and says what is none', () => {
  expect(datesOf('2027-02-17\n2027-02-18，2027-02-30 tomorrow')).toEqual({ dates: ['2027-02-17', '2027-02-18'], wrong: ['2027-02-30', 'tomorrow'] })
})

it('reads working time out of a text, and takes none that overlaps, runs backwards or comes to nothing', () => {
  expect(spansOf('8:00-12:00，14：00至18:00')).toEqual([['08:00', '12:00'], ['14:00', '18:00']])
  expect(spansOf('22:00-24:00')).toEqual(spansOf('22:00–00:00'))
  for (const wrong of ['', '8-12', '08:00-08:59', '12:00-08:00', '08:00-12:00 11:00-15:00', '08:60-12:00', '08:00-25:00']) expect(spansOf(wrong)).toBeNull()
})

it('sends a policy that nobody has changed as it is, and leaves what is in force alone while it is edited', () => {
  const limit = { kind: 'working_hours', amount: 4 }
  const policy = {
    version: '500115101@3', task_limits: { '*': { acceptance: limit, handling: limit } }, case_limits: {}, emergency_task_limits: {}, emergency_case_limits: {}, extensions: 2, suspensions: 1,
    ladder: [{ name: 'notice', share: 0.5, level: 'notice', to: ['assignee'] }], at_once: ['I'], mediation_levels: ['town'], report_limit: limit, visits: { key: 'month' }, days_off: ['2027-02-17'], workdays: [], working_time: [['08:00', '12:00'], ['14:00', '00:00']],
  } satisfies Policy
  const { version: _, ...body } = policy
  const form = edited(policy)
  expect(sendable(form, ['courtyard', 'village', 'town'])).toEqual(body)
  form.task_limits['*']!.acceptance.amount = 8
  expect(policy.task_limits['*'].acceptance.amount).toBe(4)
})

it('puts the row for all first, then those for a grade of all, then the others', () => {
  const limits = { acceptance: { kind: 'working_hours', amount: 1 }, handling: { kind: 'working_days', amount: 1 } }
  expect(rowsOf({ visit: limits, '*/I': limits, fire: limits, '*': limits, 'fire/II': limits })).toEqual(['*', '*/I', 'fire', 'fire/II', 'visit'])
})

it('tells what is less than an hour in minutes, and takes it back as it was', () => {
  for (const minutes of [5, 10, 15, 59]) {
    const limit = { kind: 'clock_hours', amount: minutes / 60 }
    expect(shownLimit(limit)).toEqual({ kind: 'minutes', amount: minutes })
    expect(takenLimit(shownLimit(limit))).toEqual(limit)
  }
  expect(shownLimit({ kind: 'working_hours', amount: 0.5 })).toEqual({ kind: 'working_hours', amount: 0.5 })
})
