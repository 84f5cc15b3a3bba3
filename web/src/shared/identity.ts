// Numbers of identity documents: what a mistyped resident's number is told by.

/** GB 11643-1999: the weights of the first 17 digits, and the check digit by their sum modulo 11. */
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const CHECKS = '10X98765432'

/** Whether it looks like a resident's identity number and can't be one; other documents have forms of their own. */
export function mistyped(number: string): boolean {
  const one = number.trim().toUpperCase()
  if (/^\d{17}[\dX]$/.test(one)) {
    const [year, month, day] = [one.slice(6, 10), one.slice(10, 12), one.slice(12, 14)]
    const born = new Date(`${year}-${month}-${day}T00:00Z`)
    const real = !Number.isNaN(born.getTime()) && born.getUTCDate() === Number(day)
    return !real || CHECKS[WEIGHTS.reduce((sum, weight, at) => sum + weight * Number(one[at]), 0) % 11] !== one[17]
  }
  // 15 digits were issued until 1999, 8 are a permit of Taiwan's residents.
  return /^\d+X?$/.test(one) ? !/^(\d{8}|\d{15})$/.test(one) : one.length === 18 && /^\d{6}/.test(one)
}
