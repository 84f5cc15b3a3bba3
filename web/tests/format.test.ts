import { afterEach, describe, expect, it } from 'vitest'
import { clock, day, left, moment, number, rate, short, span } from '@/shared/format'
import { switchLocale } from '@/shared/i18n'

afterEach(() => switchLocale('zh-CN'))

describe('times', () => {
  it('are those of Shanghai, wherever the device is', () => {
    expect(moment('2023-12-31T16:05:00Z')).toBe('2024-01-01 00:05')
    expect(day('2023-12-31T15:59:59Z')).toBe('2023-12-31')
    expect(clock('2023-12-31T16:00:00Z')).toBe('00:00')
    expect(short('2023-07-04T01:30:00Z')).toBe('07-04 09:30')
    expect(short('2023-12-31T01:30:00Z', Date.parse('2023-12-31T15:59:00Z'))).toBe('12-31 09:30')
    expect(short('2023-12-31T01:30:00Z', Date.parse('2023-12-31T16:00:00Z'))).toBe('2023-12-31 09:30')
    expect(moment(null)).toBe('—')
    switchLocale('en')
    expect(moment('2023-12-31T16:05:00Z')).toBe('2024-01-01 00:05')
  })

  it('left or over are told in their two largest units', () => {
    const now = Date.parse('2023-07-04T00:00:00Z')
    expect(left('2023-07-04T02:05:00Z', now)).toBe('剩余 2 小时 5 分钟')
    expect(left('2023-07-01T22:59:00Z', now)).toBe('已超期 2 天 1 小时')
    expect(left(null, now)).toBe('无时限')
    expect(span(30_000)).toBe('不足 1 分钟')
  })
})

describe('rates', () => {
  it('are no data without items, and rounded half up to 2 decimals', () => {
    expect(rate({ numerator: 0, denominator: 0 })).toBe('暂无数据')
    expect(rate(null)).toBe('暂无数据')
    expect(rate({ numerator: 372, denominator: 441 })).toBe('84.35%')
    expect(rate({ numerator: 1, denominator: 8000 })).toBe('0.01%')
    expect(rate({ numerator: 199_999, denominator: 200_000 })).toBe('100.00%')
    expect(number(10_809)).toBe('10,809')
  })
})
