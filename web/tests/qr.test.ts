import decodeQR from 'qr/decode.js'
import { describe, expect, it } from 'vitest'
import { createApp } from 'vue'
import QrCode from '@/shared/parts/QrCode.vue'

const SECRET = 'otpauth://totp/%E7%BD%91%E6%A0%BC%E8%B0%83%E5%BA%A6:operator?secret=NH5IIWBAUQHZVMPWMIMBID5PBWABN6EL&issuer=dispatch'
const PIXELS = 4

/** Return what a camera would see of the picture, a few pixels for each of its units. */
function seen(svg: SVGElement): { width: number; height: number; data: Uint8Array } {
  const units = Number(svg.getAttribute('viewBox')?.split(' ')[2])
  const width = units * PIXELS
  const data = new Uint8Array(width * width * 4).fill(255)
  const pixel = (x = '', right: number, y = '', down: number): number => ((Number(y) * PIXELS + down) * width + Number(x) * PIXELS + right) * 4
  for (const [, x, y] of svg.innerHTML.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let down = 0; down < PIXELS; down++)
      for (let right = 0; right < PIXELS; right++)
        data.fill(0, pixel(x, right, y, down), pixel(x, right, y, down) + 3)
  return { width, height: width, data }
}

describe('the code of a secret', () => {
  it('reads as what it was made of', () => {
    const place = document.createElement('div')
    createApp(QrCode, { text: SECRET, label: 'secret' }).mount(place)
    expect(decodeQR(seen(place.querySelector('svg') as SVGElement))).toBe(SECRET)
  })
})
