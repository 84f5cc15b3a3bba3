// Inclusion and consistency (RFC 9162), checked step by step from the hashes alone.
import { same } from './bytes'
import { nodeHash, type Kind } from './hashes'

/** One node computed on the way to the root: which neighbour was put on which side, and what came out. */
export interface Step {
  side: 'left' | 'right'
  neighbour: Uint8Array
  result: Uint8Array
}
export interface Way {
  holds: boolean
  steps: Step[]
  /** The root that was reached. */
  reached: Uint8Array
}

function parity(n: number): number {
  return n % 2
}
function half(n: number): number {
  return Math.floor(n / 2)
}

/** Follow a proof that the leaf at `index` (from 0) is among the first `size` (2.1.3.2). */
export function inclusion(kind: Kind, leaf: Uint8Array, path: Uint8Array[], index: number, size: number, root: Uint8Array): Way {
  const steps: Step[] = []
  let [place, last, reached] = [index, size - 1, leaf]
  if (!(Number.isSafeInteger(size) && index >= 0 && index < size)) return { holds: false, steps, reached }
  for (const neighbour of path) {
    if (last === 0) return { holds: false, steps, reached }
    if (parity(place) === 1 || place === last) {
      reached = nodeHash(kind, neighbour, reached)
      steps.push({ side: 'left', neighbour, result: reached })
      while (parity(place) === 0 && place > 0) [place, last] = [half(place), half(last)]
    } else {
      reached = nodeHash(kind, reached, neighbour)
      steps.push({ side: 'right', neighbour, result: reached })
    }
    ;[place, last] = [half(place), half(last)]
  }
  return { holds: last === 0 && same(reached, root), steps, reached }
}

export interface Growth extends Way {
  /** The root of the older tree as the proof's hashes give it. */
  oldReached: Uint8Array
}

/** Follow a proof that the first `size` events begin with the first `old` (2.1.4.2). */
export function consistency(
  kind: Kind,
  path: Uint8Array[],
  old: number,
  size: number,
  oldRoot: Uint8Array,
  root: Uint8Array,
): Growth {
  const none = { steps: [], reached: oldRoot, oldReached: oldRoot }
  if (old === size) return { holds: path.length === 0 && same(oldRoot, root), ...none }
  if (!(Number.isSafeInteger(size) && old > 0 && old < size) || path.length === 0) return { holds: false, ...none }
  const power = Number.isInteger(Math.log2(old))
  const [first, ...rest] = power ? [oldRoot, ...path] : path
  let [place, last] = [old - 1, size - 1]
  while (parity(place) === 1) [place, last] = [half(place), half(last)]
  let [reached, oldReached] = [first!, first!]
  const steps: Step[] = []
  for (const neighbour of rest) {
    if (last === 0) return { holds: false, steps, reached, oldReached }
    if (parity(place) === 1 || place === last) {
      oldReached = nodeHash(kind, neighbour, oldReached)
      reached = nodeHash(kind, neighbour, reached)
      steps.push({ side: 'left', neighbour, result: reached })
      while (parity(place) === 0 && place > 0) [place, last] = [half(place), half(last)]
    } else {
      reached = nodeHash(kind, reached, neighbour)
      steps.push({ side: 'right', neighbour, result: reached })
    }
    ;[place, last] = [half(place), half(last)]
  }
  return { holds: last === 0 && same(oldReached, oldRoot) && same(reached, root), steps, reached, oldReached }
}
