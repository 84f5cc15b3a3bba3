// The SHA-256 of a file that proves something: the log keeps it, the paper or photo is kept elsewhere.
import { say } from '@/shared/i18n'

/** Return a file's SHA-256 in hex; browsers compute it on HTTPS and on this machine only. */
export async function digestOf(file: File): Promise<string> {
  if (!globalThis.crypto?.subtle) throw new Error(say('console.needsHttps'))
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer())
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
