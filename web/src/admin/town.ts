// What an administrator keeps of a town: grids, people, posts; how their codes and lines of text are read.
import { lastPosition } from '@/shared/api/client'
import type { components } from '@/shared/api/schema'

export type Grid = components['schemas']['Place']
export type Department = components['schemas']['TownDepartment']
export type Member = components['schemas']['TownMember']
export type AccountOf = components['schemas']['AccountInList']
/** Digits of the codes of a county, a town and a village. */
export const COUNTY = 6
export const TOWN = 9
export const VILLAGE = 12
export const GRID_POSTS = ['chief', 'full_time', 'part_time', 'instructor', 'auxiliary'] as const
export const TOWN_POSTS = ['leader', 'commander'] as const
export const DUTIES = ['patrol', 'mediator', 'legal_guide', 'party_member', 'volunteer'] as const
export const ROLES = ['operator', 'supervisor', 'worker', 'auditor', 'administrator'] as const
/** Characters of a name. */
const LONGEST = 200
const MEMBER_ID = /^[a-z0-9][a-z0-9-]{0,63}$/

/** How to ask for what lies in a scope, as the log stands. */
export function within(scope: string, signal: AbortSignal, more: object = {}) {
  return { params: { query: { after: lastPosition(), ...(scope ? { scope } : {}), ...more } }, signal }
}

/** A line of a table that was pasted: its columns, by tab, comma or semicolon, Chinese ones too. */
export interface Line {
  number: number
  columns: string[]
}
export function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .map((line, at) => ({ number: at + 1, columns: line.split(/[\t,;，；]/).map((one) => one.trim()) }))
    .filter(({ columns }) => columns.some((one) => one !== ''))
}

export interface Wrong {
  line: number
  why: 'columns' | 'long' | 'code' | 'outside' | 'twice' | 'drawn' | 'id'
}
export interface GridPlan {
  code: string
  name: string
  village: string
}

/** Read grids out of lines of code, name and village; the code may leave out the town's nine digits. */
export function gridsOf(text: string, town: string, drawn: ReadonlySet<string>): { grids: GridPlan[]; wrong: Wrong[] } {
  const grids: GridPlan[] = []
  const wrong: Wrong[] = []
  const seen = new Set<string>()
  for (const { number, columns } of linesOf(text)) {
    if (number === 1 && !/\d/.test(columns.join(''))) continue // the heads of the table that was copied
    const [short = '', name = '', village = ''] = columns
    const code = /^\d{6}$/.test(short) ? town + short : short
    const why = !name || !village || columns.length > 3 ? 'columns' : name.length > LONGEST || village.length > LONGEST ? 'long' : !/^\d{15}$/.test(code) ? 'code' : !code.startsWith(town) ? 'outside' : seen.has(code) ? 'twice' : drawn.has(code) ? 'drawn' : null
    if (why) wrong.push({ line: number, why })
    else grids.push({ code, name, village })
    seen.add(code)
  }
  return { grids, wrong }
}

export interface Person {
  member: string
  name: string
}

/** An id that nobody has or ever had: numbers would come round to who has left. */
function newId(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  return `p-${[...crypto.getRandomValues(new Uint8Array(8))].map((one) => letters[one % letters.length]).join('')}`
}

/** Read people out of lines of a name, and an id of one's own if there is one; who has none gets a new one from `make`. */
export function peopleOf(text: string, known: Iterable<string>, make = newId): { people: Person[]; wrong: Wrong[] } {
  const taken = new Set(known)
  const people: Person[] = []
  const wrong: Wrong[] = []
  for (const { number, columns } of linesOf(text)) {
    const [name = '', id = ''] = columns
    const why = !name || columns.length > 2 ? 'columns' : name.length > LONGEST ? 'long' : id && !MEMBER_ID.test(id) ? 'id' : id && taken.has(id) ? 'twice' : null
    if (why) {
      wrong.push({ line: number, why })
      continue
    }
    const member = id || make()
    taken.add(member)
    people.push({ member, name })
  }
  return { people, wrong }
}

/** The boundaries that a GeoJSON file holds for grids, by code: `code` among a feature's properties, or its id. */
export function boundariesOf(text: string): Map<string, unknown> {
  const found = new Map<string, unknown>()
  const file = JSON.parse(text) as { type?: string; features?: { id?: unknown; properties?: { code?: unknown } | null; geometry?: { type?: string; coordinates?: unknown } | null }[] }
  for (const { id, properties, geometry } of file.features ?? []) {
    const code = String(properties?.code ?? id ?? '')
    if (geometry?.coordinates && (geometry.type === 'Polygon' || geometry.type === 'MultiPolygon')) found.set(code, { type: geometry.type, coordinates: geometry.coordinates })
  }
  return found
}
