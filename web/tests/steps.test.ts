import { describe, expect, it } from 'vitest'
import type { Item } from '@/console/items'
import { stepsFor } from '@/console/steps'
import { caseSteps, levelsFor, standingOf, type Case } from '@/phone/cases'
import { bodyOf, WRITTEN } from '@/phone/steps'
import type { Entry, Step } from '@/phone/store'

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

describe('a case on the phone', () => {
  const one = { id: 'a', category: 'environment', status: 'checking', assignee: 'li', department: null, checker: 'wang', check_passed: false } as Case
  it('is checked by whom the centre has named, once', () => {
    expect(caseSteps(one, 'checking', 'wang')).toEqual(['check-passed', 'check-failed'])
    expect(caseSteps({ ...one, check_passed: true }, 'checking', 'wang')).toEqual([])
    expect(caseSteps(one, 'checking', 'li')).toEqual([])
    expect(caseSteps({ ...one, checker: null }, 'checking', null)).toEqual([])
    const waiting = [{ item: 'a', step: 'check-passed' }] as Entry[]
    expect(standingOf(one, waiting)).toEqual({ status: 'checking', pending: true, given: true })
  })
  it('is handled by whom it was given to, or by anybody in its grid', () => {
    expect(caseSteps(one, 'handling', 'wang')).toEqual([])
    expect(caseSteps({ ...one, assignee: null }, 'dispatched', 'wang')).toEqual(['handle', 'decline'])
    expect(caseSteps({ ...one, assignee: null, department: 'emergency' }, 'dispatched', 'wang')).toEqual([])
  })
  it('is mediated by the mediator of a dispute, from level to level and never down', () => {
    const dispute = { ...one, category: 'dispute', assignee: 'wang', level: 'village' } as Case
    expect(caseSteps(dispute, 'mediating', 'wang')).toEqual(['agree', 'fail', 'mediate'])
    expect(caseSteps(dispute, 'mediating', 'li')).toEqual([])
    expect(caseSteps(dispute, 'performed', 'wang')).toEqual(['settled', 'not-settled'])
    expect(caseSteps(dispute, 'performed', 'li')).toEqual([])
    expect(levelsFor({ ...dispute, level: null }, 'assigned', [])).toEqual(['courtyard', 'village', 'town'])
    expect(levelsFor(dispute, 'mediating', [])).toEqual(['town'])
    expect(levelsFor(dispute, 'failed', [])).toEqual(['village', 'town'])
    const waiting = [{ item: 'a', step: 'mediate', body: { level: 'town' } as Record<string, unknown> }] as Entry[]
    expect(levelsFor(dispute, 'mediating', waiting)).toEqual([])
    expect(standingOf(dispute, waiting).status).toBe('mediating')
  })
  it.each<[Step, unknown]>([
    ['check-passed', { passed: true, note: '好' }], ['check-failed', { passed: false, note: '好' }], ['finish', { note: '好' }], ['decline', { reason: '好' }],
    ['agree', { terms: '好' }], ['settled', { settled: true, note: '好' }], ['not-settled', { settled: false, note: '好' }], ['fail', { reason: '好' }], ['mediate', { level: '好' }],
  ])('sends %s as the service takes it', (step, body) => expect(bodyOf(WRITTEN[step]!, '好')).toEqual(body))
})
