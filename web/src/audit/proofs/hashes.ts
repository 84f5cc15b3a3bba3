// The two hash functions of the log's tree, with the prefixes of RFC 9162 that keep leaves and nodes apart.
import { sha256 } from '@noble/hashes/sha2.js'
import { joined } from './bytes'
import { sm3 } from './sm3'

export type Kind = 'sha256' | 'sm3'
export const KINDS: readonly Kind[] = ['sha256', 'sm3']
export const NAMES: Record<Kind, string> = { sha256: 'SHA-256', sm3: 'SM3' }
const FUNCTIONS: Record<Kind, (content: Uint8Array) => Uint8Array> = { sha256, sm3 }

/** Return the hash of a leaf's bytes. */
export function leafHash(kind: Kind, content: Uint8Array): Uint8Array {
  return FUNCTIONS[kind](joined(Uint8Array.of(0), content))
}

/** Return the hash of a node from those of its two children. */
export function nodeHash(kind: Kind, left: Uint8Array, right: Uint8Array): Uint8Array {
  return FUNCTIONS[kind](joined(Uint8Array.of(1), left, right))
}
