// What an export or a print says about itself: as of when, up to which log position, under which checkpoint.
import { patientText } from '@/shared/api/client'

export interface Checkpoint {
  /** How many events it covers. */
  size: number
  /** SHA-256 of the tree over them, in base64. */
  hash: string
}

/** Return the last checkpoint's size and hash out of its signed note (C2SP: origin, size, hash, …). */
export function parsed(note: string): Checkpoint | null {
  const [, size, hash] = note.split('\n')
  return size && hash && /^\d+$/.test(size) ? { size: Number(size), hash } : null
}

/** Return the last checkpoint, or null while none was issued. */
export async function lastCheckpoint(): Promise<Checkpoint | null> {
  const note = await patientText('/audit/checkpoint')
  return note === null ? null : parsed(note)
}
