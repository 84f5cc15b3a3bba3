// SM3 (GB/T 32905-2016), which neither browsers nor the library of hash functions have.

const START = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e]
const turn = (word: number, by: number): number => (by === 0 ? word : (word << by) | (word >>> (32 - by)))
const p0 = (word: number): number => word ^ turn(word, 9) ^ turn(word, 17)
const p1 = (word: number): number => word ^ turn(word, 15) ^ turn(word, 23)

/** Mix one block of 64 bytes, as 16 words, into the state. */
function compress(state: Int32Array, block: Int32Array): void {
  const w = new Int32Array(68)
  w.set(block)
  for (let j = 16; j < 68; j++) {
    w[j] = p1(w[j - 16]! ^ w[j - 9]! ^ turn(w[j - 3]!, 15)) ^ turn(w[j - 13]!, 7) ^ w[j - 6]!
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let j = 0; j < 64; j++) {
    const a12 = turn(a, 12)
    const ss1 = turn((a12 + e + turn(j < 16 ? 0x79cc4519 : 0x7a879d8a, j % 32)) | 0, 7)
    const ff = j < 16 ? a ^ b ^ c : (a & b) | (a & c) | (b & c)
    const gg = j < 16 ? e ^ f ^ g : (e & f) | (~e & g)
    const tt1 = (ff + d + (ss1 ^ a12) + (w[j]! ^ w[j + 4]!)) | 0
    const tt2 = (gg + h + ss1 + w[j]!) | 0
    ;[a, b, c, d, e, f, g, h] = [tt1, a, turn(b, 9), c, p0(tt2), e, turn(f, 19), g]
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, at) => (state[at] = state[at]! ^ word))
}

/** Return the SM3 of some bytes: 32 bytes. */
export function sm3(content: Uint8Array): Uint8Array {
  const blocks = Math.ceil((content.length + 9) / 64)
  const padded = new Uint8Array(blocks * 64)
  padded.set(content)
  padded[content.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setBigUint64(padded.length - 8, BigInt(content.length) * 8n)
  const state = Int32Array.from(START)
  for (let at = 0; at < padded.length; at += 64) {
    compress(state, Int32Array.from({ length: 16 }, (_, word) => view.getInt32(at + word * 4)))
  }
  const hash = new Uint8Array(32)
  state.forEach((word, at) => new DataView(hash.buffer).setInt32(at * 4, word))
  return hash
}
