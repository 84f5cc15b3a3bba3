import { afterEach, describe, expect, it } from 'vitest'
import messages from '@/console/messages'
import { statusName, stopped, type Item } from '@/console/items'
import { lightOf, pausedIn, type Task } from '@/phone/tasks'
import { addMessages, switchLocale } from '@/shared/i18n'

addMessages(messages)

const item = (kind: string, status: string, more: object = {}): Item =>
  ({ kind, status, waiting_since: null, acceptance_due: '2023-07-01T02:00:00Z', handling_due: '2023-07-03T10:00:00Z', ...more }) as never
afterEach(() => switchLocale('zh-CN'))

describe('the time that is left', () => {
  it.each([
    ['task', 'cancelled'], ['task', 'suspended'], ['case', 'refused'], ['case', 'not_registered'], ['case', 'voided'], ['case', 'merged'], ['case', 'published'],
  ])('runs no more for a %s that is %s', (kind, status) => {
    expect(stopped(item(kind, status))).toBe('计时已停')
  })
  it.each([['task', 'issued'], ['task', 'in_progress'], ['case', 'reported'], ['case', 'handling'], ['case', 'due']])('runs for a %s that is %s', (kind, status) => {
    expect(stopped(item(kind, status))).toBe('')
  })
  it('runs no more on the phone either', () => {
    const now = Date.parse('2023-08-12T00:00:00Z')
    for (const status of ['cancelled', 'closed'] as const) {
      expect(pausedIn(status)).toBe(true)
      expect(lightOf(item('task', status) as never as Task, status, now)).toBe('none')
    }
  })
})

it('a case whose check has passed says that it is to be closed', () => {
  const checking = (check_passed: boolean): string => statusName(item('case', 'checking', { check_passed }))
  expect([checking(false), checking(true)]).toEqual(['核查中', '核查通过，待结案'])
  switchLocale('en')
  expect(checking(true)).toBe('Check passed, to be closed')
})
