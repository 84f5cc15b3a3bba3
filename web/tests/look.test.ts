// The language that a page begins in.
import { expect, it } from 'vitest'
import { keep } from '@/shared/kept'
import { firstLocale } from '@/shared/look'

it('is what the address asks for, once; then what was chosen', () => {
  history.replaceState(null, '', '/ui/console/cases?text=%E5%B7%A1&lang=en')
  expect([firstLocale(), location.search]).toEqual(['en', '?text=%E5%B7%A1'])
  expect(firstLocale()).toBe('en')
  keep('locale', 'zh-CN')
  expect(firstLocale()).toBe('zh-CN')
  history.replaceState(null, '', '/ui/console/cases?lang=fr')
  expect([firstLocale(), location.search]).toEqual(['zh-CN', '?lang=fr'])
})
