// What is held against what when a proof is checked: every step by itself, right, wrong or not to be told.
import type { components } from '@/shared/api/schema'
import { fromBase64, same, toBase64 } from './proofs/bytes'
import { KINDS, leafHash, NAMES, type Kind } from './proofs/hashes'
import { leafOf } from './proofs/leaf'
import { keyOf, parseNote, signedBy, type Checkpoint, type Key } from './proofs/note'
import { consistency, inclusion, type Step } from './proofs/tree'
import { partsNamed } from './fields'
import type { Whole } from './log'
import { differing } from './reading'

type Inclusion = components['schemas']['Inclusion']
type Consistency = components['schemas']['Consistency']
export type State = 'right' | 'wrong' | 'unknown'
export interface Check {
  /** The key of its words, and what they name. */
  name: string
  values?: Record<string, unknown>
  state: State
  /** What was computed, as base64 or text. */
  shown?: string
  steps?: Step[]
}

/** The whole is as bad as its worst step; what could not be told keeps it from being right. */
export function verdict(checks: Check[]): State {
  if (checks.some(({ state }) => state === 'wrong')) return 'wrong'
  return checks.length === 0 || checks.some(({ state }) => state === 'unknown') ? 'unknown' : 'right'
}

const tell = (held: boolean): State => (held ? 'right' : 'wrong')
const NONE = new Uint8Array()
const one = (hashes: components['schemas']['Hashes'], kind: Kind): Uint8Array => fromBase64(hashes[kind] as string) ?? NONE
const many = (hashes: components['schemas']['Hashes'], kind: Kind): Uint8Array[] =>
  (hashes[kind] as string[]).map((text) => fromBase64(text) ?? NONE)

/** Who signed a checkpoint. */
export function checkSignature(checkpoint: Checkpoint, keys: Key[] | null): Check {
  const key = keys && keyOf(keys, checkpoint.size)
  const values = { size: checkpoint.size, key: key?.name ?? '—' }
  if (key === null) return { name: 'keyMissing', values, state: 'unknown' }
  const signed = signedBy(checkpoint, key)
  if (signed === 'otherKey') return { name: 'otherKey', values, state: 'wrong' }
  return { name: 'signature', values, state: tell(signed === 'right'), shown: toBase64(key.bytes) }
}

/** Whether an event is in the log that a checkpoint covers: from its bytes, here, to the signed root. */
export function checkInclusion(position: number, whole: Whole, proof: Inclusion, checkpoint: Checkpoint | null, keys: Key[] | null): Check[] {
  const checks: Check[] = []
  const state = whole.state === null ? null : fromBase64(whole.state)
  const leaf = state === null ? null : leafOf(whole.columns, state)
  if (leaf === null) checks.push({ name: 'bytesWithheld', state: 'unknown' })
  else {
    const shows = whole.columns.position === position && whole.event.position === position
    checks.push({ name: 'bytes', values: { n: leaf.length }, state: tell(shows) })
    const otherwise = differing(whole, position)
    checks.push({ name: 'reading', values: { parts: partsNamed(otherwise ?? []) }, state: tell(otherwise?.length === 0) })
  }
  checks.push({ name: 'place', values: { position, size: proof.size }, state: tell(proof.position === position && (checkpoint === null || checkpoint.size === proof.size)) })
  for (const kind of KINDS) {
    const named = { kind: NAMES[kind] }
    const said = one(proof.leaf, kind)
    const hash = leaf === null ? said : leafHash(kind, leaf)
    if (leaf !== null) checks.push({ name: 'leaf', values: named, state: tell(same(hash, said)), shown: toBase64(hash) })
    const root = checkpoint?.roots[kind] ?? one(proof.root, kind)
    const way = inclusion(kind, hash, many(proof.proof, kind), position - 1, proof.size, root)
    checks.push({ name: 'way', values: { ...named, n: way.steps.length }, state: tell(way.holds), shown: toBase64(way.reached), steps: way.steps })
  }
  checks.push(checkpoint === null ? { name: 'noCheckpoint', state: 'unknown' } : checkSignature(checkpoint, keys))
  return checks
}

/** Whether the log at one checkpoint goes on from another; the roots are those of the checkpoints themselves. */
export function checkConsistency(older: Checkpoint, newer: Checkpoint, proof: Consistency, keys: Key[] | null): Check[] {
  const checks: Check[] = [
    { name: 'origin', values: { origin: newer.origin }, state: tell(older.origin === newer.origin) },
    { name: 'sizes', values: { from: older.size, to: newer.size }, state: tell(proof.from === older.size && proof.to === newer.size) },
  ]
  for (const kind of KINDS) {
    const way = consistency(kind, many(proof.proof, kind), older.size, newer.size, older.roots[kind], newer.roots[kind])
    checks.push({
      name: 'growth',
      values: { kind: NAMES[kind], n: way.steps.length, from: older.size, to: newer.size },
      state: tell(way.holds),
      shown: toBase64(way.reached),
      steps: way.steps,
    })
  }
  return [...checks, checkSignature(older, keys), checkSignature(newer, keys)]
}

export interface Kept {
  size: number
  issued_at: number
  note: string
}
/** Return the checkpoint that the service keeps, if it is one and says the size that it is kept under. */
export function checkpointOf(kept: Kept): Checkpoint | null {
  const checkpoint = parseNote(kept.note)
  return checkpoint?.size === kept.size ? checkpoint : null
}
