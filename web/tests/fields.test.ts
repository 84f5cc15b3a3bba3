import { afterEach, describe, expect, it } from 'vitest'
import { brief, fieldName, kindName, LONGEST, rowTitle, shownValue } from '@/audit/fields'
import { placeOf } from '@/audit/log'
import messages from '@/audit/messages'
import { addMessages, switchLocale } from '@/shared/i18n'
import events from '@/shared/i18n/events.json'
import golden from '../../tests/unit/golden/events.json'

type Shapes = Record<string, Record<string, string>>
const fields = Object.values({ ...golden.events, ...golden.shapes } as Shapes).flatMap((shape) => Object.entries(shape))

afterEach(() => switchLocale('zh-CN'))

it('shows a value of the domain in words, in both languages', () => {
  expect(shownValue('limit_kind', 'working_hours')).toBe('工作小时')
  expect(shownValue('pauses', ['visit', 'patrol'])).not.toMatch(/[a-z]/)
  switchLocale('en')
  expect(shownValue('limit_kind', 'working_hours')).toBe('working hours')
  expect(shownValue('to', ['x', 'y'])).toBe('x, y')
})

it('says a limit and a step of a clock in one line each', () => {
  addMessages(messages)
  const step = ['yellow_card', '2023-01-03T10:00:00Z', 1.0, 'yellow_card', ['chief', 'instructor']]
  expect(shownValue('handling', { limit: { kind: 'working_hours', amount: 2 }, steps: Array(5).fill(step) })).toBe(
    ['时限 2 个工作小时', '督办步骤 ', ...Array(5).fill('黄牌 2023-01-03 18:00（时限的 100%）：网格长、网格指导员')].join('\n'),
  )
})

it('says one working day in English, and two of them', () => {
  switchLocale('en')
  expect([1, 2].map((amount) => shownValue('limit', { kind: 'working_days', amount }))).toEqual(['1 working day', '2 working days'])
})

it('shows a digest’s root as checkpoints say it', () => {
  expect(shownValue('sha256', `49c5859d${'00'.repeat(28)}`)).toBe(`ScWFnQ${'A'.repeat(37)}=`)
})

it('says what was tried in vain, with which item and why, and no code', () => {
  const refused = { command: 'case.close', item: `case:${'0f'.repeat(16)}`, code: 'case-ended' }
  expect(brief(refused)).toBe('结案 · 事件 …0f0f0f · 该事件已经结束，不能再操作。')
  expect(fieldName('code', 'command.refused')).toBe('原因')
  expect(shownValue('code', '500115101')).toBe('500115101')
  switchLocale('en')
  expect(brief({ ...refused, code: undefined })).toBe('close (case) · Case …0f0f0f')
})

it('names a count by what it is of', () => {
  expect(rowTitle({ span: '2023-07', grid: '500115101001001', cohort: 'registered', category: 'safety', source: '', closed: 4 })).toBe('2023-07 · 500115101001001 · 立案 · 安全隐患')
})

it('names a place beside its code, where it is known', () => {
  const names = { people: new Map([['wang', '王芳']]), places: new Map([['500115101001001', '望江网格'], ['500115101', '万顺镇']]) }
  expect(shownValue('grid', '500115101001001', names)).toBe('望江网格 500115101001001')
  expect(shownValue('grids', ['500115101001001', '500115101001002'], names)).toBe('望江网格 500115101001001、500115101001002')
  expect(shownValue('by', 'wang', names)).toBe('王芳')
  // A town as a level is no place.
  expect(shownValue('level', 'town', names)).toBe('镇')
  expect(rowTitle({ span: '2023-07', grid: '500115101001001', cohort: 'registered' }, names)).toBe('2023-07 · 望江网格 500115101001001 · 立案')
})

it('shows all of a long value', () => {
  const text = '长'.repeat(2 * LONGEST)
  expect(shownValue('note', text)).toBe(text)
})

describe('whatever an event may hold', () => {
  it('is of a kind that can be asked for', () => {
    const kinds = new Set(Object.keys(events).map((name) => name.split('.')[0]!))
    expect([...kinds].filter((kind) => kindName(kind) === kind)).toEqual([])
  })

  it('stands in fields that have a name', () => {
    const named = fields.map(([name]) => name).filter((name) => /[a-z]/.test(fieldName(name).replaceAll('SHA', '')))
    expect([...new Set(named)]).toEqual([])
  })

  it('is chosen from values that have words', () => {
    const left = fields.flatMap(([name, type]) =>
      Object.entries(golden.choices)
        .filter(([choice]) => new RegExp(`\\b${choice}\\b`).test(type))
        .flatMap(([, values]) => values)
        .filter((value) => /[a-z]/.test(shownValue(name, value)))
        .map((value) => `${name} ${value}`),
    )
    expect([...new Set(left)]).toEqual([])
  })
})

it.each([
  ['72029', '72029'],
  ['72,029', '72029'],
  ['2023-07-01', '2023-07-01'],
  [' 2023-07-01 08:00 ', '2023-07-01T08:00+08:00'],
  ['2023-07-01T00:00:00Z', '2023-07-01T00:00:00Z'],
  ['abc', undefined],
  ['2023/07/01', undefined],
  ['2023-13-01', undefined],
  ['昨天', undefined],
])('takes %s for a place in the log, or not', (text, place) => {
  expect(placeOf(text)).toBe(place)
})
