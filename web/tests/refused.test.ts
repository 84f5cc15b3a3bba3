import { expect, it } from 'vitest'
import audit from '@/audit/messages'
import { reason, Refused } from '@/shared/api/refused'
import { addMessages } from '@/shared/i18n'

const refused = (...at: string[]): string => reason(new Refused(422, 'request-malformed', '', at.map((one) => ({ at: one, wrong: '' }))))

it('names the fields that are wrong as the page does, and nothing of the service’s inside', () => {
  addMessages(audit)
  expect(refused('/query/actor')).toMatch(/\(账号\)$/)
  expect(refused('/query/until/constrained-int', '/query/until/function-before[day_or_moment(), datetime]')).not.toContain('(')
})
