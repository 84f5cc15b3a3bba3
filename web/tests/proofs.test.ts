import { describe, expect, it } from 'vitest'
import { fromBase64, toBase64, toHex, utf8 } from '@/audit/proofs/bytes'
import { KINDS, leafHash } from '@/audit/proofs/hashes'
import { leafOf } from '@/audit/proofs/leaf'
import { keyOf, parseKeys, parseNote, signedBy } from '@/audit/proofs/note'
import { sm3 } from '@/audit/proofs/sm3'
import { consistency, inclusion } from '@/audit/proofs/tree'
import known from './known-proofs.json'

const bytes = (text: string): Uint8Array => fromBase64(text)!
const flipped = (hash: Uint8Array): Uint8Array => hash.map((byte, at) => (at === 5 ? byte ^ 1 : byte))
const roots = (kind: 'sha256' | 'sm3', size: number): Uint8Array =>
  bytes((known.kinds[kind].roots as Record<string, string>)[size]!)

describe('a leaf', () => {
  it('covers the same bytes, with the same hashes, as on the Python side', () => {
    const at = 1_700_000_000_000_001
    const columns = { position: 1, version: 1, at, recorded_at: at + 500_000, stream: `task:${'1'.padStart(32, '0')}`, name: 'task.issued' }
    const leaf = leafOf(columns, bytes(known.state))
    expect(toBase64(leaf)).toBe(known.leaf)
    for (const kind of KINDS) expect(toBase64(leafHash(kind, leaf))).toBe(known.kinds[kind].leaves[0])
  })

  it('of SM3 gives the answers of the standard', () => {
    expect(toHex(sm3(utf8('abc')))).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0')
    expect(toHex(sm3(utf8('abcd'.repeat(16))))).toBe('debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732')
  })
})

describe.each(KINDS)('proofs in %s', (kind) => {
  const leaves = known.kinds[kind].leaves.map(bytes)

  it.each(known.kinds[kind].inclusion)('lead from leaf $index to the root over $size', ({ index, size, path }) => {
    const hashes = path.map(bytes)
    const found = inclusion(kind, leaves[index]!, hashes, index, size, roots(kind, size))
    expect(found.holds).toBe(true)
    expect(found.steps).toHaveLength(path.length)
    expect(inclusion(kind, flipped(leaves[index]!), hashes, index, size, roots(kind, size)).holds).toBe(false)
    expect(inclusion(kind, leaves[index]!, hashes, index, size, flipped(roots(kind, size))).holds).toBe(false)
    expect(inclusion(kind, leaves[index]!, hashes, index, size + 1000, roots(kind, size)).holds).toBe(false)
    hashes.forEach((_, at) => {
      const changed = hashes.map((hash, place) => (place === at ? flipped(hash) : hash))
      expect(inclusion(kind, leaves[index]!, changed, index, size, roots(kind, size)).holds).toBe(false)
      expect(inclusion(kind, leaves[index]!, hashes.slice(at + 1), index, size, roots(kind, size)).holds).toBe(false)
    })
  })

  it.each(known.kinds[kind].consistency)('lead from $old events to $size', ({ old, size, path }) => {
    const hashes = path.map(bytes)
    const [before, after] = [roots(kind, old), roots(kind, size)]
    expect(consistency(kind, hashes, old, size, before, after).holds).toBe(true)
    expect(consistency(kind, hashes, old, size, flipped(before), after).holds).toBe(false)
    expect(consistency(kind, hashes, old, size, before, flipped(after)).holds).toBe(false)
    expect(consistency(kind, [...hashes, before], old, size, before, after).holds).toBe(false)
    hashes.forEach((_, at) => {
      const changed = hashes.map((hash, place) => (place === at ? flipped(hash) : hash))
      expect(consistency(kind, changed, old, size, before, after).holds).toBe(false)
    })
  })
})

describe('a checkpoint', () => {
  const key = parseKeys(known.key)![0]!
  const checkpoint = parseNote(known.note)!

  it('says its log, its size and both roots, and is signed by its key', () => {
    expect([checkpoint.origin, checkpoint.size]).toEqual(['dispatch.test/log', 21])
    for (const kind of KINDS) expect(checkpoint.roots[kind]).toEqual(roots(kind, 21))
    expect(signedBy(checkpoint, key)).toBe('right')
    expect(parseNote(known.note.replaceAll('\n', '\r\n'))?.body).toEqual(checkpoint.body)
  })

  it.each([
    ['another size', known.note.replace('\n21\n', '\n20\n')],
    ['another root', known.note.replace(/\n21\n(.)/, (_, first) => `\n21\n${first === 'A' ? 'B' : 'A'}`)],
    ['another log', known.note.replace('dispatch.test/log\n', 'dispatch.test/lag\n')],
  ])('with %s is not signed', (_, note) => {
    const changed = parseNote(note)
    expect(changed && signedBy(changed, key)).toBe('wrong')
  })

  it('of another key is known as such', () => {
    const other = parseNote(known.note.replace('— dispatch.test/log', '— other.test/log'))!
    expect(signedBy(other, key)).toBe('otherKey')
  })

  it.each(['', 'x', 'a\nb\nc\n\n', known.note.replace('sm3 ', ''), known.note.replace('\n\n', '\n')])(
    'is no checkpoint: %j',
    (text) => {
      expect(parseNote(text)).toBeNull()
    },
  )

  it.each(['', 'a+b+c', known.key.replace('+', '+f'), known.key.replace(/\+\w/, '+z'), `x${known.key}`])('has no such key: %j', (text) => {
    expect(parseKeys(text)).toBeNull()
  })

  it('is signed by the key of its time, the former ones up to their last size', () => {
    const keys = parseKeys(`${known.key}\n${known.key} 20\n${known.key} 30\n`)!
    expect([0, 20, 21, 30, 31].map((size) => keys.indexOf(keyOf(keys, size)!))).toEqual([1, 1, 2, 2, 0])
  })

  it.each(['', ' x', ' 020', ' -1', ` 30 ${known.key} 30`, ` 30 ${known.key}`])('has no former key: %j', (size) => {
    expect(parseKeys(`${known.key}\n${known.key}${size}`)).toBeNull()
  })
})
