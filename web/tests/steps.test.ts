import { expect, it } from 'vitest'
import type { Item } from '@/console/items'
import { stepsFor } from '@/console/steps'

it.each([
  ['registered', 'classify'], ['classified', 'assign'], ['assigned', 'mediate'], ['mediating', 'agree'], ['failed', 'mediate'],
  ['agreed', 'perform'], ['performed', 'settled'], ['followed_up', 'strike-off'],
])('offers of a dispute that is %s first what comes next: %s', (status, next) => {
  const found = stepsFor({ kind: 'case', category: 'dispute', status, extension_requested_at: null } as unknown as Item).filter(({ chief }) => chief)
  expect(found.map(({ name }) => name)).toEqual([next])
})

it.each([[false, 'check-passed'], [true, 'close']])('offers of a case whose check has passed (%s): %s', (check_passed, next) => {
  const found = stepsFor({ kind: 'case', category: 'sanitation', status: 'checking', check_passed, extension_requested_at: null } as unknown as Item)
  expect(found.filter(({ chief }) => chief).map(({ name }) => name)).toEqual([next])
})
