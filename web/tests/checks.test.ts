import { describe, expect, it } from 'vitest'
import { checkConsistency, checkInclusion, verdict } from '@/audit/checks'
import { parseKeys, parseNote } from '@/audit/proofs/note'
import known from './known-proofs.json'

const keys = parseKeys(known.key)!
const checkpoint = parseNote(known.note)!
const paths = (at: number): { sha256: string[]; sm3: string[] } => ({
  sha256: known.kinds.sha256.inclusion.filter(({ size }) => size === 21)[at]!.path,
  sm3: known.kinds.sm3.inclusion.filter(({ size }) => size === 21)[at]!.path,
})
const hashes = (which: 'sha256' | 'sm3', size: number): string => (known.kinds[which].roots as Record<string, string>)[size]!
const proof = () => ({
  position: 1,
  size: 21,
  leaf: { sha256: known.kinds.sha256.leaves[0]!, sm3: known.kinds.sm3.leaves[0]! },
  proof: paths(0),
  root: { sha256: hashes('sha256', 21), sm3: hashes('sm3', 21) },
})
const stream = `task:${'1'.padStart(32, '0')}`
const whole = () => {
  const columns = { position: 1, version: 1, at: 1_700_000_000_000_001, recorded_at: 1_700_000_000_500_001, stream, name: 'task.issued' }
  const event = { position: 1, version: 1, stream, name: 'task.issued', at: '2023-11-14T22:13:20.000001Z', recorded_at: '2023-11-14T22:13:20.500001Z', source: 'http', data: { title: '巡查 1' }, withheld: [] }
  return { columns, event, state: known.state, zh: '', en: '', person: '', shared: [] } as never
}
type Any = Record<string, Record<string, unknown>>

describe('an inclusion', () => {
  it('holds from the bytes to the signature', () => {
    const checks = checkInclusion(1, whole(), proof(), checkpoint, keys)
    expect(checks.map(({ state }) => state)).toEqual(checks.map(() => 'right'))
    expect(verdict(checks)).toBe('right')
  })

  it.each([
    ['another state', (one: Any) => ((one as { state?: unknown }).state = btoa('{"data":{"title":"x"},"meta":{}}'))],
    ['another time in the columns', (one: Any) => (one.columns!.at = 1_700_000_000_000_002)],
    ['another time on the page', (one: Any) => (one.event!.at = '2023-11-14T23:13:20Z')],
    ['another microsecond on the page', (one: Any) => (one.event!.recorded_at = '2023-11-14T22:13:20.500002Z')],
    ['another title on the page', (one: Any) => (one.event!.data = { title: '伪造' })],
    ['another actor on the page', (one: Any) => (one.event!.actor = 'somebody')],
    ['another position', (one: Any) => (one.columns!.position = 2)],
    ['another name', (one: Any) => (one.columns!.name = 'task.closed')],
  ])('is wrong with %s', (_, change) => {
    const changed = whole() as Any
    change(changed)
    expect(verdict(checkInclusion(1, changed as never, proof(), checkpoint, keys))).toBe('wrong')
  })

  it('is wrong with another root, another place or another key', () => {
    const wrong = { ...proof(), position: 2 }
    expect(verdict(checkInclusion(1, whole(), wrong, checkpoint, keys))).toBe('wrong')
    const forged = { ...checkpoint, roots: { ...checkpoint.roots, sm3: checkpoint.roots.sha256 } }
    expect(verdict(checkInclusion(1, whole(), proof(), forged, keys))).toBe('wrong')
    expect(verdict(checkInclusion(1, whole(), proof(), checkpoint, [{ ...keys[0]!, name: 'other' }]))).toBe('wrong')
  })

  it('is not fully checked without the bytes, a checkpoint or a key', () => {
    const hidden = { ...(whole() as object), state: null } as never
    expect(verdict(checkInclusion(1, hidden, proof(), checkpoint, keys))).toBe('unknown')
    expect(verdict(checkInclusion(1, whole(), proof(), null, keys))).toBe('unknown')
    expect(verdict(checkInclusion(1, whole(), proof(), checkpoint, null))).toBe('unknown')
  })
})

describe('growth', () => {
  const path = (which: 'sha256' | 'sm3'): string[] => known.kinds[which].consistency.find(({ old, size }) => old === 8 && size === 21)!.path
  const grown = () => ({ from: 8, to: 21, proof: { sha256: path('sha256'), sm3: path('sm3') }, from_root: { sha256: '', sm3: '' }, to_root: { sha256: '', sm3: '' } })
  const bytes = (text: string): Uint8Array => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
  const older = { ...checkpoint, size: 8, roots: { sha256: bytes(hashes('sha256', 8)), sm3: bytes(hashes('sm3', 8)) } }

  it('is told by the checkpoints’ own roots, whatever the service says of them', () => {
    const checks = checkConsistency(older, checkpoint, grown(), keys)
    expect(checks.filter(({ name }) => name === 'growth').map(({ state }) => state)).toEqual(['right', 'right'])
    // Its body was not signed like this.
    expect(verdict(checkConsistency({ ...older, body: new Uint8Array(3) }, checkpoint, grown(), keys))).toBe('wrong')
    const rewritten = { ...older, roots: { ...older.roots, sha256: older.roots.sm3 } }
    expect(verdict(checkConsistency(rewritten, checkpoint, grown(), keys))).toBe('wrong')
    expect(verdict(checkConsistency({ ...older, origin: 'another.log' }, checkpoint, grown(), keys))).toBe('wrong')
    expect(verdict(checkConsistency(older, checkpoint, { ...grown(), from: 7 }, keys))).toBe('wrong')
  })
})
