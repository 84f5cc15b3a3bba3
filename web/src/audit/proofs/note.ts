// A checkpoint: a signed note as C2SP defines it, with a line for the SM3 root, and the key that signs it.
import { hashes, verify } from '@noble/ed25519'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { fromBase64, joined, same, toHex, utf8 } from './bytes'
import type { Kind } from './hashes'

hashes.sha512 = sha512
const ED25519 = 1
const DASH = '—'

export interface Signature {
  name: string
  keyId: Uint8Array
  signature: Uint8Array
}
export interface Checkpoint {
  origin: string
  size: number
  roots: Record<Kind, Uint8Array>
  signatures: Signature[]
  /** What was signed. */
  body: Uint8Array
  note: string
}
export interface Key {
  name: string
  id: Uint8Array
  bytes: Uint8Array
  /** How many events the last checkpoint has that it signed; without an end for the present key. */
  until: number
}

/** Return what a note says, or null if it is none; who signed it is another question. */
export function parseNote(text: string): Checkpoint | null {
  const note = text.replace(/\r\n/g, '\n').replace(/\n*$/, '\n')
  const cut = note.indexOf('\n\n')
  if (cut < 0) return null
  const body = note.slice(0, cut + 1)
  const [origin, size, root, ...more] = body.split('\n')
  const sm3 = more.filter((line) => line.startsWith('sm3 '))
  const roots = [root ?? '', ...sm3.map((line) => line.slice(4))].map(fromBase64)
  if (!origin || !/^(0|[1-9]\d{0,14})$/.test(size ?? '') || sm3.length !== 1) return null
  if (roots.some((one) => one?.length !== 32)) return null
  const signatures: Signature[] = []
  for (const line of note.slice(cut + 2, -1).split('\n')) {
    const [dash, name, encoded, ...rest] = line.split(' ')
    const bytes = fromBase64(encoded ?? '')
    if (dash !== DASH || !name || bytes === null || bytes.length < 5 || rest.length > 0) return null
    signatures.push({ name, keyId: bytes.slice(0, 4), signature: bytes.slice(4) })
  }
  return { origin, size: Number(size), roots: { sha256: roots[0]!, sm3: roots[1]! }, signatures, body: utf8(body), note }
}

/** Return the keys of a log: the present one, then former ones, oldest first, each with its last size; null for what is none. */
export function parseKeys(text: string): Key[] | null {
  const [present, ...words] = text.trim().split(/\s+/)
  const found = [parseKey(present ?? '', Infinity)]
  for (let at = 0; at < words.length; at += 2) {
    const size = words[at + 1] ?? ''
    const until = /^(0|[1-9]\d{0,14})$/.test(size) ? Number(size) : -1
    if (until <= (at === 0 ? -1 : (found.at(-1)?.until ?? Infinity))) return null
    found.push(parseKey(words[at]!, until))
  }
  return found.some((key) => key === null) ? null : (found as Key[])
}

/** Return which key signs a checkpoint of that size: each is believed in its own time alone. */
export const keyOf = (keys: Key[], size: number): Key | null => [...keys.slice(1), ...keys.slice(0, 1)].find(({ until }) => size <= until) ?? null

/** Return the key that NAME+ID+BASE64 stands for; null for what is none, or is of another kind than Ed25519. */
function parseKey(text: string, until: number): Key | null {
  const [name, id, ...encoded] = text.split('+')
  const bytes = fromBase64(encoded.join('+'))
  if (!name || bytes?.length !== 33 || bytes[0] !== ED25519) return null
  const expected = sha256(joined(utf8(`${name}\n`), bytes)).slice(0, 4)
  if (toHex(expected) !== id) return null
  return { name, id: expected, bytes: bytes.slice(1), until }
}

export type Signed = 'right' | 'wrong' | 'otherKey'

/** Tell whether a key has signed a checkpoint, and that rightly. */
export function signedBy(checkpoint: Checkpoint, key: Key): Signed {
  const found = checkpoint.signatures.find(({ name, keyId }) => name === key.name && same(keyId, key.id))
  if (found === undefined) return 'otherKey'
  try {
    // Strict as RFC 8032, as whoever verifies outside the browser does it.
    return verify(found.signature, checkpoint.body, key.bytes, { zip215: false }) ? 'right' : 'wrong'
  } catch {
    return 'wrong'
  }
}
