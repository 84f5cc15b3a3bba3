import { describe, expect, it } from 'vitest'
import { mistyped } from '@/shared/identity'

describe('an identity number', () => {
  it('of a resident has 18 characters, a day that there was, and the right check digit', () => {
    // The standard's own examples.
    for (const right of ['11010519491231002X', '440524188001010014', ' 11010519491231002x ']) expect(mistyped(right)).toBe(false)
    for (const wrong of ['1234', '110105194912310021', '11010519491231003X', '11010519490231002X', '1101051949123100', 'x', '11010519491231O02X']) {
      expect(mistyped(wrong)).toBe(wrong !== 'x')
    }
  })

  it('of an older card or another document is none of our business', () => {
    for (const other of ['', '110105491231002', 'E12345678', 'H1234567801', '12345678', 'USA110080010101']) expect(mistyped(other)).toBe(false)
  })
})
