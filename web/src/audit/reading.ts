// What an event's own bytes say of it: this is shown, and what the service says of the event is held against it.
import { fromBase64 } from './proofs/bytes'
import type { Audited, Whole } from './log'

export type Read = Omit<Audited, 'token_issuer' | 'withheld'>
type Fields = Record<string, unknown>
/** In the bytes, but beside the content: the event's name and time, which the columns hold as well. */
const NAME = 'type'
const TIME = 'at'
const SEALED = 'sealed:'
const MADE = ['actor', 'role', 'scope', 'command_id', 'correlation_id', 'causation_id', 'address', 'request_id', 'session', 'token'] as const

/** µs since 1970 of a time as JSON has it, to the last digit. */
export function micros(text: unknown): number {
  const [, whole, fraction, zone] = /^(.+?)(?:\.(\d{1,6}))?(Z|[+-]\d\d:\d\d)$/.exec(String(text)) ?? []
  return Date.parse(`${whole}${zone}`) * 1_000 + Number((fraction ?? '').padEnd(6, '0'))
}
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value)
const isNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || value === 0 || value === false || (typeof value === 'object' && Object.values(value).every(isNothing))
/** Whether only a key can open it. */
export const isSealed = (value: unknown): boolean =>
  typeof value === 'string' ? value.startsWith(SEALED) : typeof value === 'object' && value !== null && Object.values(value).some(isSealed)

function heldIn(state: string): { data: Fields; meta: Fields } | null {
  try {
    const held: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64(state) ?? undefined))
    return isFields(held) && isFields(held.data) && isFields(held.meta) ? { data: held.data, meta: held.meta } : null
  } catch {
    return null
  }
}

/** Return an event as its bytes have it; null where they are not given or can't be read. */
export function readOf({ columns, state }: Pick<Whole, 'columns' | 'state'>): Read | null {
  const held = state === null ? null : heldIn(state)
  if (held === null) return null
  const { meta } = held
  const { [NAME]: _name, [TIME]: _at, ...data } = held.data
  const time = (at: number): string => new Date(at / 1_000).toISOString()
  return {
    ...Object.fromEntries(MADE.map((field) => [field, meta[field] ?? null])),
    source: meta.source ?? 'http',
    device_at: meta.device_at ?? null,
    position: columns.position,
    stream: columns.stream,
    version: columns.version,
    name: columns.name,
    at: time(columns.at),
    recorded_at: time(columns.recorded_at),
    data,
  } as Read
}

/** What the bytes hold, the service says too; an optional part that came later it adds, which isn't shown. */
function agrees(said: unknown, held: unknown): boolean {
  if (Array.isArray(held)) return Array.isArray(said) && said.length === held.length && held.every((one, at) => agrees(said[at], one))
  if (isFields(held)) return isFields(said) && Object.entries(held).every(([name, one]) => agrees(said[name], one))
  return said === held
}

/** Return what the service says otherwise than the bytes, its content as `data.title`; null where there are no bytes that can be read. */
export function differing({ event, columns, state }: Pick<Whole, 'event' | 'columns' | 'state'>, position: number): string[] | null {
  const held = state === null ? null : heldIn(state)
  const read = readOf({ columns, state })
  if (held === null || read === null) return null
  const said = event as Audited
  const wrong: string[] = (['position', 'stream', 'version', 'name', 'source', ...MADE] as const).filter((field) => (said[field] ?? null) !== (read[field] ?? null))
  if (columns.position !== position) wrong.push('position')
  for (const field of ['at', 'recorded_at'] as const) if (micros(said[field]) !== columns[field]) wrong.push(field)
  if ((said.device_at ?? null) !== read.device_at && micros(said.device_at) !== micros(read.device_at)) wrong.push('device_at')
  // The log holds an event's name and time twice: in the columns and in the state.
  if (held.data[NAME] !== undefined && held.data[NAME] !== columns.name) wrong.push(NAME)
  if (held.data[TIME] !== undefined && micros(held.data[TIME]) !== columns.at) wrong.push('at')
  const [shown, withheld] = [said.data ?? {}, said.withheld ?? []]
  for (const [field, value] of Object.entries(read.data)) {
    // A personal part is not in what the service says: its name is, unless nothing stands there.
    const told = field in shown ? agrees(shown[field], value) && !withheld.includes(field) : withheld.includes(field) !== (value === null || value === '')
    if (!told) wrong.push(`data.${field}`)
  }
  for (const field of Object.keys(shown)) if (!(field in read.data) && !isNothing(shown[field])) wrong.push(`data.${field}`)
  for (const field of withheld) if (!(field in read.data)) wrong.push(`data.${field}`)
  return [...new Set(wrong)]
}

