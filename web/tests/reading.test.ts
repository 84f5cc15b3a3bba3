import { describe, expect, it } from 'vitest'
import { partsNamed } from '@/audit/fields'
import messages from '@/audit/messages'
import { differing, micros, readOf } from '@/audit/reading'
import { addMessages } from '@/shared/i18n'

const data = {
  type: 'case.reported', at: '2023-11-14T22:13:20.000001Z', title: '路灯不亮', urgent: false, place: null,
  limit: { kind: 'working_hours', amount: 4 }, steps: [{ name: 'notice', share: 0.5 }],
  description: 'sealed:AAAA', reporter: { name: 'sealed:BBBB', telephone: '' }, terms: null,
}
const meta = {
  actor: 'chen', role: 'worker', scope: '500115101001001', command_id: 'c1', correlation_id: 'c2', causation_id: 'plan:1', source: 'import',
  device_at: '2023-11-14T22:10:00Z', address: '10.0.0.7', request_id: 'r1', session: 's1', token: 't1',
}
type Any = Record<string, never>
const whole = (): { columns: Any; event: Any; state: string } => {
  const bytes = new TextEncoder().encode(JSON.stringify({ data, meta }))
  const { type, at, description: _description, reporter: _reporter, terms: _terms, ...said } = data
  const columns = { position: 7, version: 1, at: 1_700_000_000_000_001, recorded_at: 1_700_000_000_500_001, stream: 'case:1', name: type }
  const event = {
    ...meta, position: 7, version: 1, stream: 'case:1', name: type, at, recorded_at: '2023-11-14T22:13:20.500001Z', token_issuer: 'admin',
    // What came to an event later has its default.
    data: { ...said, limit: { ...said.limit, hurried: false }, household: null }, withheld: ['description', 'reporter'],
  }
  return structuredClone({ columns, event, state: btoa(String.fromCharCode(...bytes)) }) as never
}
const wrong = (change: (event: Any, columns: Any) => unknown): string[] | null => {
  const changed = whole()
  change(changed.event, changed.columns)
  return differing(changed as never, 7)
}

describe('what the service says of an event', () => {
  it('agrees with the bytes, whatever has come to its shape since', () => {
    expect(differing(whole() as never, 7)).toEqual([])
  })

  it.each(['position', 'stream', 'version', 'name', 'at', 'recorded_at', ...Object.keys(meta)])('is told from them in its %s', (field) => {
    const other: Record<string, unknown> = { position: 8, version: 2, at: '2023-11-14T22:13:20.000002Z', recorded_at: '2023-11-14T22:13:20.500000Z', device_at: '2023-11-14T22:10:00.000001Z' }
    expect(wrong((event) => Object.assign(event, { [field]: other[field] ?? 'forged' }))).toEqual([field])
    expect(wrong((event) => Object.assign(event, { [field]: null }))).toEqual([field])
  })

  it.each([
    ['data.title', { title: '伪造' }],
    ['data.urgent', { urgent: true }],
    ['data.place', { place: '伪造' }],
    ['data.limit', { limit: { kind: 'working_hours', amount: 40 } }],
    ['data.steps', { steps: [] }],
    ['data.steps', { steps: [{ name: 'notice', share: 0.9 }] }],
    ['data.description', { description: '伪造' }],
    ['data.invented', { invented: '伪造' }],
  ])('is told from them in %s', (part, forged) => {
    expect(wrong((event) => Object.assign(event.data!, forged))).toEqual([part])
  })

  it('is told from them where it leaves something out or hides it', () => {
    expect(wrong((event) => delete (event.data as unknown as Record<string, unknown>).title)).toEqual(['data.title'])
    expect(wrong((event) => Object.assign(event, { withheld: ['description'] }))).toEqual(['data.reporter'])
    expect(wrong((event) => Object.assign(event, { withheld: ['description', 'reporter', 'title'] }))).toEqual(['data.title'])
    expect(wrong((event) => Object.assign(event, { withheld: ['description', 'reporter', 'invented'] }))).toEqual(['data.invented'])
  })

  it('is told from them where it is of another event', () => {
    expect(differing(whole() as never, 8)).toEqual(['position'])
    expect(wrong((_, columns) => Object.assign(columns, { name: 'case.closed' }))).toEqual(['name', 'type'])
  })

  it('can’t be held against bytes that are not given or not readable', () => {
    expect(differing({ ...whole(), state: null } as never, 7)).toBeNull()
    expect(differing({ ...whole(), state: btoa('[]') } as never, 7)).toBeNull()
    expect(readOf({ ...whole(), state: btoa('{') } as never)).toBeNull()
  })
})

it('reads an event from its bytes', () => {
  const read = readOf(whole() as never)!
  expect(read).toMatchObject({ ...meta, position: 7, stream: 'case:1', name: 'case.reported', at: '2023-11-14T22:13:20.000Z' })
  expect(Object.keys(read.data)).toEqual(['title', 'urgent', 'place', 'limit', 'steps', 'description', 'reporter', 'terms'])
})

it('tells times to the microsecond, in any zone', () => {
  expect(micros('2023-11-15T06:13:20.000001+08:00')).toBe(1_700_000_000_000_001)
  expect(micros('2023-11-14T22:13:20Z')).toBe(1_700_000_000_000_000)
  expect(micros(null)).toBeNaN()
})

it('names what differs in words', () => {
  addMessages(messages)
  expect(partsNamed(['recorded_at', 'command_id', 'data.title', 'data.source'])).toBe('记录时间、命令、标题、来源')
})
