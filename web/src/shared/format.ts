// Numbers, rates and times as people read them: Asia/Shanghai, whatever the device is set to.
import { locale, say } from './i18n'

export const ZONE = 'Asia/Shanghai'
export interface Pair {
  numerator: number
  denominator: number
}
type Moment = string | number | Date

const formats = new Map<string, Intl.DateTimeFormat>()
function format(kind: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale()} ${kind}`
  let found = formats.get(key)
  if (found === undefined) {
    found = new Intl.DateTimeFormat(locale() === 'en' ? 'en-GB' : 'zh-CN', {
      timeZone: ZONE,
      hour12: false,
      ...options,
    })
    formats.set(key, found)
  }
  return found
}

/** `2023-07-04 09:30` and so on, the same in both languages. */
export function moment(at: Moment | null | undefined): string {
  return at == null ? '—' : `${day(at)} ${clock(at)}`
}
export function day(at: Moment): string {
  return format('day', { year: 'numeric', month: '2-digit', day: '2-digit' })
    .formatToParts(new Date(at))
    .reduce((parts, { type, value }) => ({ ...parts, [type]: value }), {} as Record<string, string>)
    .year!.concat('-', part(at, 'month'), '-', part(at, 'day'))
}
function part(at: Moment, which: 'month' | 'day'): string {
  const parts = format('day', { year: 'numeric', month: '2-digit', day: '2-digit' }).formatToParts(new Date(at))
  return parts.find(({ type }) => type === which)?.value ?? ''
}
export function clock(at: Moment): string {
  return format('clock', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at))
}
/** `07-04 09:30`, or with the year if that is another than `now`'s. */
export function short(at: Moment | null | undefined, now: Moment = at ?? 0): string {
  if (at == null) return '—'
  return day(at).slice(0, 4) === day(now).slice(0, 4) ? `${part(at, 'month')}-${part(at, 'day')} ${clock(at)}` : moment(at)
}

/** `20230704-0930`: for the names of files. */
export function stamp(at: Moment): string {
  return `${day(at).replaceAll('-', '')}-${clock(at).replace(':', '')}`
}

/** An id where there is no room for all of it: its end, as ids of one time begin alike. Anything else stays as it is. */
export function shortKey(key: string): string {
  return /^[0-9a-f]{32}$/.test(key) ? `…${key.slice(-6)}` : key
}

export function number(n: number): string {
  return n.toLocaleString(locale() === 'en' ? 'en-GB' : 'zh-CN')
}

/** A share in percent, rounded half up to 2 decimals; no items are no data, neither 0% nor 100%. */
export function rate(pair: Pair | null | undefined): string {
  if (pair == null || pair.denominator === 0) return say('noData')
  const hundredths = Math.floor((20_000 * pair.numerator + pair.denominator) / (2 * pair.denominator))
  return `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}%`
}

/** A stretch of time in its two largest units. */
export function span(milliseconds: number): string {
  const minutes = Math.floor(Math.abs(milliseconds) / 60_000)
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60]
  const parts = [
    days > 0 ? say('left.days', { n: days }) : '',
    hours > 0 ? say('left.hours', { n: hours }) : '',
    days === 0 && rest > 0 ? say('left.minutes', { n: rest }) : '',
  ].filter(Boolean)
  return parts.length > 0 ? parts.join(' ') : say('left.now')
}

/** How long until a deadline, or since. */
export function left(due: Moment | null | undefined, now: number): string {
  if (due == null) return say('left.none')
  const rest = new Date(due).getTime() - now
  return say(rest < 0 ? 'left.overdue' : 'left.left', { span: span(rest) })
}
