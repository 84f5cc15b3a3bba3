import { afterEach, expect, it } from 'vitest'
import { shownValue } from '@/audit/fields'
import { switchLocale } from '@/shared/i18n'

afterEach(() => switchLocale('zh-CN'))

it('shows a value of the domain in words, in both languages', () => {
  expect(shownValue('limit_kind', 'working_hours')).toBe('工作小时')
  switchLocale('en')
  expect(shownValue('limit_kind', 'working_hours')).toBe('working hours')
})
