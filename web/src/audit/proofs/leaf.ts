// The bytes of an event that its leaf covers: everything that the log holds of it.
import { joined, utf8 } from './bytes'

/** The columns of an event beside its state; times are µs since 1970, UTC. */
export interface Columns {
  position: number
  version: number
  at: number
  recorded_at: number
  stream: string
  name: string
}

/** Return the leaf's bytes: a header of 40 bytes, big-endian, then stream, name and state. */
export function leafOf(columns: Columns, state: Uint8Array): Uint8Array {
  const [stream, name] = [utf8(columns.stream), utf8(columns.name)]
  const header = new DataView(new ArrayBuffer(40))
  header.setBigUint64(0, BigInt(columns.position))
  header.setBigUint64(8, BigInt(columns.version))
  header.setBigInt64(16, BigInt(columns.at))
  header.setBigInt64(24, BigInt(columns.recorded_at))
  header.setUint32(32, stream.length)
  header.setUint32(36, name.length)
  return joined(new Uint8Array(header.buffer), stream, name, state)
}
