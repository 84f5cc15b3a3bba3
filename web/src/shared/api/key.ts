// Keys under which a request has one effect; `crypto.randomUUID` is missing on plain HTTP.

/** Return a fresh key of 128 random bits, in hex. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
