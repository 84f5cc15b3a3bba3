import { expect, it } from 'vitest'
import { isTold } from '@/console/feed'

it.each([
  ['task', 'task.escalated', true], ['case', 'permit.due', true], ['mode', 'mode.emergency_entered', true], ['mode', 'mode.emergency_left', true],
  ['campaign', 'campaign.issued', true], ['plan', 'plan.started', true], ['plan', 'plan.paused', true],
  ['plan', 'plan.came_round', false], ['mode', 'mode.deadlines_recalculated', false], ['inbox', 'inbox.read', false], ['account', 'account.signed_in', false],
])('the feed tells what the town did: of %s %s: %s', (kind, name, told) => {
  expect(isTold({ kind, name })).toBe(told)
})
