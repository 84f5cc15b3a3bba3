import { afterEach, describe, expect, it } from 'vitest'
import { happened, saidIn, type Timeline } from '@/shared/happened'
import { switchLocale } from '@/shared/i18n'

const GRID = '500115101001001'
const OTHER = '500115101001002'
const names = {
  members: { wang: '王芳', li: '李强', zhao: '赵敏' },
  departments: { emergency: '应急办' },
  grids: { [GRID]: '石坝村网格', [OTHER]: '龙洞村网格' },
}
const due = (day: number): object => ({ due: `2023-07-0${day}T10:00:00Z` })

/** What is said of each of these events, in their order. */
function said(events: [string, Record<string, unknown>, string?][]): string[] {
  const entries = events.map(([name, changed, by], n) => ({ position: n + 1, name, changed, by: by ?? null, zh: '', en: '' }))
  return [...happened({ entries, names } as never as Timeline).values()]
}
afterEach(() => switchLocale('zh-CN'))

describe('what happened to a task', () => {
  const course: Parameters<typeof said>[0] = [
    ['task.issued', { grid: GRID, handling: due(3) }],
    ['task.accepted', {}, 'wang'],
    ['task.transferred', { grid: OTHER, assignee: 'zhao', handling: due(3) }],
    ['task.declined', { reason: '不属于本网格' }, 'zhao'],
    ['task.transferred', { grid: GRID, assignee: 'li', handling: due(3) }],
    ['task.escalated', { level: 'yellow_card', roles: ['chief', 'instructor'], persons: ['li', 'wang'] }],
    ['task.escalated', { level: 'district', roles: ['district'] }],
    ['task.escalation_answered', { promised_at: '2023-07-04T10:00:00Z' }],
    ['task.extension_granted', { handling: due(5) }],
    ['task.suspended', { until: '2023-07-05T01:00:00Z', handling: due(7) }],
    ['task.closed', {}],
  ]
  it('says from whom to whom, who was told, until when and what is due now', () => {
    expect(said(course)).toEqual([
      '→ 石坝村网格 · 期限 2023-07-03 18:00',
      '',
      '王芳（石坝村网格） → 赵敏（龙洞村网格）',
      '赵敏（龙洞村网格） → 指挥中心',
      '→ 李强（石坝村网格）',
      '黄牌 → 李强、王芳',
      '区级',
      '承诺 2023-07-04 18:00',
      '期限改为 2023-07-05 18:00',
      '至 2023-07-05 09:00 · 期限改为 2023-07-07 18:00',
      '',
    ])
  })
  it('says it in English too', () => {
    switchLocale('en')
    expect(said(course).slice(2, 6)).toEqual([
      '王芳 (石坝村网格) → 赵敏 (龙洞村网格)', '赵敏 (龙洞村网格) → command centre', '→ 李强 (石坝村网格)', 'Yellow card → 李强, 王芳',
    ])
  })
})

describe('what happened to a case', () => {
  it('names departments, checkers and what came out', () => {
    expect(
      said([
        ['case.reported', { grid: GRID }],
        ['case.verified', { genuine: true }],
        ['case.registered', { handling: due(3) }],
        ['case.dispatched', { grid: GRID, department: 'emergency', handling: due(3) }],
        ['case.escalated', { level: 'reminder', roles: ['assignee', 'chief'], persons: ['li'] }],
        ['case.check_started', { checker: 'wang' }],
        ['case.check_failed', { handling: due(4) }],
        ['case.followed_up', { satisfied: false }],
        ['case.handed_up', { to: 'district' }],
      ]),
    ).toEqual(['', '属实', '期限 2023-07-03 18:00', '→ 应急办', '催办 → 李强、应急办', '→ 王芳', '期限改为 2023-07-04 18:00', '不满意', '→ 区级'])
  })
  it('draws no arrow from somebody to himself', () => {
    expect(
      said([
        ['case.reported', { grid: GRID }],
        ['case.dispatched', { department: 'emergency' }],
        ['case.reopened', { handling: due(4) }],
        ['case.dispatched', { department: 'emergency' }],
        ['case.dispatched', { department: 'emergency' }],
        ['case.transferred', { assignee: 'li' }],
      ]),
    ).toEqual(['', '→ 应急办', '期限 2023-07-04 18:00', '→ 应急办', '应急办', '应急办 → 李强（石坝村网格）'])
  })
  it('names kind, mediators and levels of a dispute', () => {
    expect(
      said([
        ['case.reported', { grid: GRID }],
        ['dispute.registered', { number: '2023-001', handling: due(3) }],
        ['dispute.classified', { kind: 'land', major: true }],
        ['dispute.assigned', { mediator: 'wang' }],
        ['dispute.assigned', { mediator: 'li' }],
        ['dispute.mediation_started', { level: 'courtyard' }],
        ['dispute.agreed', { level: 'village', jointly_with: ['town'] }],
        ['dispute.followed_up', { settled: true }],
      ]),
    ).toEqual(['', '2023-001 · 期限 2023-07-03 18:00', '土地 · 重大', '→ 王芳', '王芳 → 李强', '院落', '村居、镇', '稳定'])
  })
  it('is told with codes where a phone has kept no names', () => {
    const entries = [{ position: 7, name: 'task.issued', changed: { grid: GRID, assignee: 'wang' }, by: null, zh: '', en: '' }]
    expect(happened({ entries } as never as Timeline).get(7)).toBe(`→ wang（${GRID}）`)
  })
})

it('what was said is told once', () => {
  const entry = (zh: string, changed: object): never => ({ zh, en: '', changed }) as never
  expect(saidIn(entry('退单：不属于本网格', { reason: '不属于本网格', note: '请改派' }))).toBe('请改派')
  // What the service wrote into old logs by itself stands in the line, in the reader's language.
  expect(saidIn(entry('重办：回访不满意', { reason: 'dissatisfied at follow-up' }))).toBe('')
})
