import { afterEach, describe, expect, it, vi } from 'vitest'
import { asOnBoard, periodOf } from '@/audit/published'
import auditMessages from '@/audit/messages'
import { change, percent, share } from '@/board/figures'
import { Latest } from '@/board/latest'
import { leadsFor, usualPromise } from '@/board/leading'
import { listKey, listOf, titleOf } from '@/board/lists'
import messages from '@/board/messages'
import { GROUPS } from '@/board/figures'
import { gridName } from '@/board/names'
import { figureName, groupName } from '@/shared/figureNames'
import { nameTowns, scopeName } from '@/shared/places'
import { sheetOf } from '@/board/sheet'
import { askedIn, queryOf } from '@/board/state'
import { Days } from '@/board/days'
import { dayOf, parsedAt, parsedDay, shownAt, trendFrom, trendUntil, windowAt } from '@/board/time'
import { addMessages, switchLocale } from '@/shared/i18n'

addMessages(messages)
const at = (text: string): number => Date.parse(`${text}+08:00`)

describe('moments in the address', () => {
  it('are Shanghai’s, whatever the device is set to', () => {
    expect(parsedAt('2023-07-01')).toBe(at('2023-07-01T00:00'))
    expect(parsedAt('2023-07-01T18:00')).toBe(at('2023-07-01T18:00'))
    expect(parsedAt('2023-07-01T10:00:00Z')).toBe(at('2023-07-01T18:00'))
    expect(shownAt(at('2023-07-01T18:00'))).toBe('2023-07-01T18:00')
    expect(dayOf(at('2023-07-01T00:00'))).toBe('2023-07-01')
  })
  it('that can’t be read are none', () => {
    for (const text of ['', 'yesterday', '2023-13-01', '2023-07-01T', '20230701', '2023-07-01T25:00', '2023-02-30', '2023-02-30T10:00']) expect(parsedAt(text), text).toBeNull()
    expect(parsedDay('2023-07-01T18:00')).toBeNull()
    expect(parsedDay('2023-02-28')).toBe('2023-02-28')
  })
})

describe('what a supervisor may do about an item', () => {
  const item = (more: object): Parameters<typeof leadsFor>[0] =>
    ({ status: 'accepted', rule: 'default@1/task/visit/handling', escalated_at: '2023-07-03T08:00:00Z', escalation_answered_at: null, handled_at: null, ...more }) as never
  it('is to answer while its escalation is unanswered, and to instruct while it is open', () => {
    expect(leadsFor(item({}))).toEqual(['answer-escalation', 'instruct'])
    expect(leadsFor(item({ escalated_at: null }))).toEqual(['instruct'])
    expect(leadsFor(item({ escalation_answered_at: '2023-07-03T08:00:00Z' }))).toEqual(['instruct'])
    expect(leadsFor(item({ escalation_answered_at: '2023-07-02T08:00:00Z' }))).toEqual(['answer-escalation', 'instruct'])
    expect(leadsFor(item({ status: 'submitted', handled_at: '2023-07-03T09:00:00Z' }))).toEqual(['instruct'])
    expect(leadsFor(item({ status: 'suspended' }))).toEqual(['instruct'])
    expect(leadsFor(item({ status: 'closed' }))).toEqual([])
  })
  it('is promised by the end of a working day that is not over yet, and in two hours in an emergency', () => {
    expect(usualPromise(item({}), at('2023-07-03T09:30'))).toBe('2023-07-03T18:00')
    expect(usualPromise(item({}), at('2023-07-03T16:30'))).toBe('2023-07-04T18:00')
    expect(usualPromise(item({}), at('2023-07-07T16:30'))).toBe('2023-07-10T18:00')
    // The National Day's week, with its make-up days: off until the 6th, worked on Saturday the 7th.
    const worked = ['2023-09-28', '2023-10-07', '2023-10-08', '2023-10-09']
    expect(usualPromise(item({}), at('2023-09-28T16:30'), worked)).toBe('2023-10-07T18:00')
    expect(usualPromise(item({}), at('2023-10-13T16:30'), worked)).toBe('2023-10-16T18:00')
    expect(usualPromise(item({ rule: 'default@1/case/flood/handling/emergency' }), at('2023-07-08T23:10'))).toBe('2023-07-09T01:10')
  })
})

describe('windows', () => {
  it('begin with their month, quarter or year, beside the one before at the same age', () => {
    const july = at('2023-07-21T18:00')
    expect(windowAt('month', july, null)).toEqual({ from: '2023-07-01', before: '2023-06-01', asOf: at('2023-06-21T18:00') })
    expect(windowAt('quarter', july, null)).toEqual({ from: '2023-07-01', before: '2023-04-01', asOf: at('2023-04-21T18:00') })
    expect(windowAt('year', july, null)).toEqual({ from: '2023-01-01', before: '2022-01-01', asOf: at('2022-07-21T18:00') })
    expect(windowAt('month', at('2023-03-31T18:00'), null).asOf).toBe(at('2023-03-01T00:00'))
  })
  it('at midnight are those that have just ended', () => {
    expect(windowAt('month', at('2024-01-01T00:00'), null)).toEqual({ from: '2023-12-01', before: '2023-11-01', asOf: at('2023-12-01T00:00') })
    expect(windowAt('month', at('2024-01-01T00:00') + 1, null).from).toBe('2024-01-01')
  })
  it('since a day are compared with as many days before', () => {
    expect(windowAt('since', at('2023-07-11T00:00'), '2023-07-01')).toEqual({ from: '2023-07-01', before: '2023-06-21', asOf: at('2023-07-01T00:00') })
  })
  it('of a trend hold twelve months, as far as the log reaches', () => {
    expect(trendFrom(at('2023-12-31T18:00'), at('2020-01-01T00:00'), 'month')).toBe('2023-01-01')
    expect(trendFrom(at('2024-01-15T18:00'), at('2020-01-01T00:00'), 'month')).toBe('2023-02-01')
    expect(trendFrom(at('2023-07-15T18:00'), at('2023-01-05T00:00'), 'month')).toBe('2023-01-01')
  })
  it('of a trend by weeks are of whole weeks', () => {
    // 1 February 2023 is a Wednesday, 1 May a Monday, 1 October a Sunday.
    expect(trendFrom(at('2024-01-15T18:00'), at('2020-01-01T00:00'), 'week')).toBe('2023-01-30')
    expect(trendFrom(at('2024-04-15T18:00'), at('2020-01-01T00:00'), 'week')).toBe('2023-05-01')
    expect(trendFrom(at('2024-09-15T18:00'), at('2020-01-01T00:00'), 'week')).toBe('2023-09-25')
  })
  it('of a trend have an end after their beginning, at the very first moment of the log too', () => {
    const began = at('2023-01-01T00:00')
    expect(trendFrom(began, began, 'month')).toBe('2023-01-01')
    expect(trendUntil(began, began)).toBe('2023-01-02')
    expect(trendUntil(at('2023-02-01T00:00'), began)).toBe('2023-02-01')
    expect(trendUntil(at('2023-02-01T00:01'), began)).toBe('2023-02-02')
  })
})

describe('the slider', () => {
  const days = new Days(at('2023-01-01T08:00'), at('2023-12-31T20:00'))
  it('has a place for each day of the year, and the last is live', () => {
    expect(days.last).toBe(364)
    expect(days.at(364)).toBeNull()
    expect(days.at(363)).toBe(at('2023-12-30T18:00'))
    expect(days.of(null)).toBe(364)
    expect(days.of(at('2023-07-01T18:00'))).toBe(181)
  })
  it('begins no earlier than the log', () => {
    expect(days.at(-5)).toBe(at('2023-01-01T18:00'))
    expect(days.step(at('2023-01-01T18:00'), -7)).toBe(at('2023-01-01T08:00'))
  })
  it('steps by days and weeks, and beyond now it is live', () => {
    expect(days.step(at('2023-07-01T18:00'), 1)).toBe(at('2023-07-02T18:00'))
    expect(days.step(at('2023-07-01T18:00'), -7)).toBe(at('2023-06-24T18:00'))
    expect(days.step(null, -1)).toBe(at('2023-12-30T18:00'))
    expect(days.step(at('2023-12-30T18:00'), 7)).toBeNull()
  })
  it('of a log that began today has one place', () => {
    expect(new Days(at('2023-07-01T08:00'), at('2023-07-01T09:00')).last).toBe(0)
  })
})

describe('what is asked', () => {
  it('stands in the address and is read from it again', () => {
    const asked = askedIn({ at: '2023-07-01T18:00', known: 'then', scope: '500115101', category: 'dispute', source: 'grid_worker', window: 'since', since: '2023-05-01', figure: 'closure_rate', step: 'week', list: 'tasks.open', kiosk: '1' })
    expect(askedIn(queryOf(asked))).toEqual(asked)
  })
  it('is what is usual where the address says nothing or nonsense', () => {
    expect(queryOf(askedIn({}))).toEqual({})
    expect(queryOf(askedIn({ at: 'x', scope: 'drop', window: 'since', figure: 'happiness', step: 'day' }))).toEqual({})
  })
  it('names what nobody knows, so that it can be said', () => {
    expect(queryOf(askedIn({ category: '*', source: 'rumour' }))).toEqual({ category: '*', source: 'rumour' })
  })
  it('of a list has its figure, part, place and window', () => {
    const key = { name: 'closure_rate', part: 'denominator' as const, scope: '500115101001001', exact: false, from: '2023-07-01T00:00:00Z', until: null }
    expect(listOf(listKey(key))).toEqual(key)
    expect(listKey({ name: 'tasks.open' })).toBe('tasks.open~numerator')
    const own = { ...key, scope: '500115101', exact: true }
    expect(listOf(listKey(own))).toEqual(own)
  })
})

describe('places', () => {
  const place = (code: string, name: string) => ({ code, name, village: '石堰村', town: '万顺镇', closed: false, boundary: null })
  const places = [place('500115101001001', '石堰村一网格'), place('500115101001002', '石堰村二网格')]
  it('are called what the town calls them, and the town by its name', () => {
    expect(scopeName('500115101', places)).toBe('万顺镇')
    expect(scopeName('500115101001', places)).toBe('石堰村')
    expect(scopeName('500115101001002', places)).toBe('石堰村二网格')
    expect(scopeName('500115101', [])).toBe('全镇')
    nameTowns([{ code: '500115199', name: '空镇' }])
    expect(scopeName('500115199', places)).toBe('空镇')
    nameTowns([], '500115198')
    expect(scopeName('500115198', places)).toBe('500115198')
  })
  it('are called with what they leave out', () => {
    expect(figureName('cases.reported_online')).toBe('线上上报（不含并案、作废）')
  })
  it('are told by what they are where they have no name', () => {
    expect(['500115', '5001', '50', ''].map((code) => scopeName(code, places))).toEqual(['区县 500115', '市 5001', '省级 50', '全部'])
    switchLocale('en')
    expect(['500115', '5001', '50', ''].map((code) => scopeName(code, places))).toEqual(['County 500115', 'City 5001', 'Province 50', 'everything'])
    switchLocale('zh-CN')
  })
  it('that are none, what belongs to no grid of the town, are not called as the town is', () => {
    expect(gridName('500115101', places)).toBe('万顺镇（不属网格）')
    expect(gridName('500115101001002', places)).toBe('石堰村二网格')
    const figures = (denominator: number) => ({ figures: { closure_rate: { numerator: 1, denominator } }, counts: {} })
    const shown = { scope: '500115101', as_of: '', position: 1, board: { ...figures(9), grids: [{ code: '500115101', ...figures(2) }, { code: places[0]!.code, ...figures(7) }] } }
    const rows = sheetOf(shown as never, { closure_rate: { numerator: 1, denominator: 2 } }, places).rows.filter(({ name }) => name === '办结率')
    expect(rows.map(({ place, denominator, before }) => [place, denominator, before])).toEqual([
      ['万顺镇', 9, 50], ['万顺镇（不属网格）', 2, null], ['石堰村一网格', 7, null],
    ])
  })
  it('stand in the title of a list, with of what it is and since when', () => {
    const [own, span] = ['500115101', { from: '2023-01-01', before: '2022-01-01', asOf: 0 }]
    const title = (key: Parameters<typeof listKey>[0]): string => titleOf(listOf(listKey(key)), own, span, places)
    expect(title({ name: 'tasks.open' })).toBe('任务 · 在办 · 万顺镇 · 2023-01-01 起')
    expect(title({ name: 'cases.open', scope: '500115101001' })).toBe('事件 · 在办 · 石堰村 · 2023-01-01 起')
    expect(title({ name: 'completion_rate', part: 'denominator' })).toBe('完成率 · 分母 · 万顺镇 · 2023-01-01 起')
    expect(title({ name: 'completion_rate', from: '2023-01-29T16:00:00Z', until: '2023-02-05T16:00:00Z' })).toBe('完成率 · 分子 · 万顺镇 · 2023-01-30 至 2023-02-05')
    expect(title({ name: 'escalated.red_card' })).toBe('督办 · 红牌 · 万顺镇')
    expect(title({ name: 'staff.chief', scope: '500115101001002' })).toBe('“1+3+N”网格力量 · 网格长 · 石堰村二网格')
    expect(title({ name: 'open' })).toBe('在办任务与事件（含双公示） · 万顺镇')
    expect(title({ name: 'open', scope: own, exact: true })).toBe('在办任务与事件（含双公示） · 万顺镇（不属网格）')
    expect(title({ name: 'dispute_levels.courtyard' })).toBe('矛盾纠纷 · 院落化解 · 万顺镇 · 2023-01-01 起')
  })
  it('have in it what they are narrowed down to, as far as that concerns them', () => {
    const [span, to] = [{ from: '2023-01-01', before: '2022-01-01', asOf: 0 }, { category: 'visit', source: 'grid_worker' }]
    const title = (name: string): string => titleOf(listOf(listKey({ name })), '500115101', span, places, to)
    expect(title('cases.reported')).toBe('事件 · 上报（不含并案、作废） · 万顺镇 · 类别：走访 · 事件来源：网格员 · 2023-01-01 起')
    expect(title('completion_rate')).toBe('完成率 · 分子 · 万顺镇 · 类别：走访 · 2023-01-01 起')
    expect(title('tasks.open')).toBe('任务 · 在办 · 万顺镇 · 类别：走访 · 2023-01-01 起')
    expect(title('open')).toBe('在办任务与事件（含双公示） · 万顺镇')
  })
})

describe('figures', () => {
  it('without items are no data, and rounded half up to 2 decimals', () => {
    expect(share({ numerator: 0, denominator: 0 })).toBeNull()
    expect(percent({ numerator: 0, denominator: 0 })).toBeNull()
    expect(percent({ numerator: 1, denominator: 800 })).toBe(0.13)
    expect(percent({ numerator: 2, denominator: 3 })).toBe(66.67)
  })
  it('say how they changed, and whether that is good', () => {
    const [half, whole] = [{ numerator: 1, denominator: 2 }, { numerator: 2, denominator: 2 }]
    expect(change('completion_rate', whole, half)).toEqual({ points: 50, way: 'up', good: true })
    expect(change('overdue_rate', whole, half)).toEqual({ points: 50, way: 'up', good: false })
    expect(change('completion_rate', half, half)).toEqual({ points: 0, way: 'same', good: null })
    expect(change('completion_rate', half, { numerator: 0, denominator: 0 })).toBeNull()
  })
  it('and plain numbers have a name each, in both languages', () => {
    const named = (): string[] => GROUPS.flatMap(({ name, figures, counts, more }) => [groupName(name), ...[...figures, ...counts, ...more].map(figureName)])
    expect(named().filter((name) => /[a-z_]/.test(name))).toEqual([])
    switchLocale('en')
    expect(named().filter((name) => !/^[A-Z][a-z ,-]+$/.test(name))).toEqual([])
    switchLocale('zh-CN')
  })
})

describe('numbers that stand side by side', () => {
  const inBoth = (name: string): string[] => (['zh-CN', 'en'] as const).map((locale) => (switchLocale(locale), figureName(name)))
  afterEach(() => switchLocale('zh-CN'))
  it('say that the cancelled are not among the issued', () => {
    expect(inBoth('tasks.issued')).toEqual(['下发（不含撤销）', 'Issued, not cancelled'])
  })
  it('say that the overdue beside an overdue rate are those still open', () => {
    for (const kind of ['tasks', 'cases']) expect(inBoth(`${kind}.overdue`)).toEqual(['超期未办结', 'Overdue and open'])
  })
})

describe('the later question', () => {
  function asking() {
    const asked: { question: number; answer: (value: string) => void; fail: () => void; signal: AbortSignal }[] = []
    const told: string[] = []
    const failed: number[] = []
    const latest = new Latest<number, string>(
      (question, signal) => new Promise((resolve, reject) => asked.push({ question, answer: resolve, fail: () => reject(new Error('no')), signal })),
      { told: (question, answer) => told.push(`${question}:${answer}`), failed: (question) => failed.push(question) },
    )
    return { asked, told, failed, latest }
  }
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve()
  }
  it('waits for the one before, and those between are never put', async () => {
    const { asked, told, latest } = asking()
    for (const question of [1, 2, 3, 4]) latest.put(question)
    expect(asked.map(({ question }) => question)).toEqual([1])
    asked[0]!.answer('a')
    await settled()
    expect(asked.map(({ question }) => question)).toEqual([1, 4])
    asked[1]!.answer('b')
    await settled()
    expect(told).toEqual(['1:a', '4:b'])
    expect(latest.busy).toBe(false)
  })
  it('does not wait for ever for one that hangs', async () => {
    vi.useFakeTimers()
    const { asked, told, latest } = asking()
    latest.put(1)
    vi.advanceTimersByTime(3_001)
    latest.put(2)
    expect(asked[0]!.signal.aborted).toBe(true)
    asked[1]!.answer('b')
    asked[0]!.answer('a')
    await settled()
    expect(told).toEqual(['2:b'])
    vi.useRealTimers()
  })
  it('is put also if the one before failed, and only a last failure is told', async () => {
    const { asked, told, failed, latest } = asking()
    latest.put(1)
    latest.put(2)
    asked[0]!.fail()
    await settled()
    expect(failed).toEqual([])
    asked[1]!.fail()
    await settled()
    expect(failed).toEqual([2])
    latest.put(3)
    latest.forget()
    asked[2]!.answer('c')
    await settled()
    expect(told).toEqual([])
  })
})

describe('figures that are told to others', () => {
  it('are of a period that may have no end', () => {
    addMessages(auditMessages)
    expect(periodOf('2023-05-01', '2023-05-31')).toBe('2023-05-01 至 2023-05-31')
    expect([periodOf('2023-05-01', ''), periodOf('', '2023-05-31'), periodOf('', '')]).toEqual(['2023-05-01 起', '至 2023-05-31', '不限'])
  })

  it('stand in the board’s order, and what the board leaves out behind the others of its group', () => {
    const told = asOnBoard(['acceptance_rate', 'cases.voided', 'cases.reported', 'permits.due', 'visit_coverage', 'closure_rate', 'tasks.notices', 'tasks.red_cards', 'tasks.issued', 'tasks.yellow_cards', 'new'], (one) => one)
    expect(told).toEqual([
      { group: 'tasks', rows: ['tasks.issued', 'tasks.red_cards', 'tasks.yellow_cards', 'tasks.notices'] },
      { group: 'cases', rows: ['closure_rate', 'acceptance_rate', 'cases.reported', 'cases.voided'] },
      { group: 'service', rows: ['visit_coverage', 'permits.due'] },
      { group: '', rows: ['new'] },
    ])
  })
})
