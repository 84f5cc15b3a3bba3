// The town around the desk: its grids, who is posted where and how busy he is, its departments.
import { computed, ref, shallowRef } from 'vue'
import type { components } from '@/shared/api/schema'
import { api, got, lastPosition } from '@/shared/api/client'
import { reason } from '@/shared/api/refused'
import { say } from '@/shared/i18n'
import { liveStream } from '@/shared/live'
import { useSession } from '@/shared/session'

export type Grid = components['schemas']['Place']
export type GridStaff = components['schemas']['GridStaff']
export interface Person {
  member: string
  name: string
  post: string
  grid: string
  load: number
}
export type Department = components['schemas']['TownDepartment']

/** Digits of a code. */
export const TOWN = 9
const VILLAGE = 12
const grids = shallowRef<Grid[]>([])
/** The towns that a desk above them oversees, also those without a grid. */
const founded = shallowRef<components['schemas']['TownName'][]>([])
const staffing = shallowRef<GridStaff[]>([])
const leaders = shallowRef<{ member: string; name: string }[]>([])
const departments = shallowRef<Department[]>([])
const failed = ref('')
/** Whether the town has been asked for, and has answered. */
const known = ref(false)
/** The grids that something may be sent to. */
const open = computed(() => grids.value.filter(({ closed }) => !closed))
const villages = computed(() => [...new Map(open.value.map(({ code, village }) => [code.slice(0, VILLAGE), village]))])
const names = computed(() => new Map([...villages.value, ...grids.value.map(({ code, name }) => [code, name] as const)]))
const people = computed(() =>
  staffing.value.flatMap(({ code, posts }) =>
    Object.entries(posts).flatMap(([post, holders]) =>
      holders.map(({ member, name, load }): Person => ({ member, name, post, grid: code, load })),
    ),
  ),
)
const persons = computed(
  () => new Map([...leaders.value, ...people.value].map(({ member, name }) => [member, name])),
)
/** Of two who are as busy, the one whose post it rather is. */
const RANK = ['full_time', 'part_time', 'chief', 'instructor', 'auxiliary']
let asked = false

async function load(): Promise<void> {
  try {
    const query = { after: lastPosition() }
    const [places, staff, offices, within] = await Promise.all([
      got(api.GET('/api/v1/grids', { params: { query } })),
      got(api.GET('/api/v1/staffing', { params: { query } })),
      got(api.GET('/api/v1/departments', { params: { query } })),
      several() ? got(api.GET('/api/v1/towns', { params: { query } })) : [],
    ])
    grids.value = places
    founded.value = within
    staffing.value = staff.grids
    leaders.value = staff.leaders
    departments.value = offices
    failed.value = ''
    known.value = true
  } catch (error) {
    failed.value = reason(error)
  }
}

/** Return what is known of the town; it is asked for once, and again when the town changes. */
export function usePlaces() {
  if (!asked) {
    asked = true
    void load()
    let timer: ReturnType<typeof setTimeout> | null = null
    // How busy somebody is changes with each task: then it is enough to know it soon.
    liveStream().on(({ kind }) => {
      if (timer !== null) return
      timer = setTimeout(
        () => {
          timer = null
          void load()
        },
        kind === 'town' ? 300 : 20_000,
      )
    })
  }
  return { grids, founded, known, open, villages, several, gridChoice, townName, choices, towns, wholes, noGrids, departments, failed, gridName, scopeName, personName, departmentName, whose, peopleOf, everybody, load }
}

/** The scope of whoever is at the desk; a county's desk has several towns, which it tells apart. */
const own = (): string => useSession().who?.scope ?? ''
const several = (): boolean => own().length < TOWN
const townName = (code: string): string =>
  founded.value.find((town) => town.code === code)?.name ?? grids.value.find((grid) => grid.code.startsWith(code))?.town ?? code
/** The grid that something is in; what is in none belongs to the town itself, which is not the whole town. */
function gridName(code: string): string {
  const town = (): string => (several() ? say('console.inNoGridOf', { town: townName(code) }) : say('console.inNoGrid'))
  return names.value.get(code) ?? (code.length === TOWN ? town() : code)
}
/** What lies in a scope: all that a county has, a whole town, or a grid. */
function scopeName(code: string): string {
  if (code !== '' && code.length < TOWN) return say('console.wholeArea')
  return code.length > TOWN ? gridName(code) : several() ? townName(code) : say('console.wholeTown')
}
/** What a grid is called among those to choose from. */
const gridChoice = ({ name, town }: Grid): string => (several() ? `${town} · ${name}` : name)
/** The open grids as choices of a field. */
function choices(): [string, string][] {
  return open.value.map((grid) => [grid.code, gridChoice(grid)])
}
/** The towns that the desk has whole. */
function towns(): string[] {
  return several() ? founded.value.map(({ code }) => code) : own().length === TOWN ? [own()] : []
}
/** What a plan may be of beside a grid, as choices of a field: a whole town, or the part of one that the desk has. */
function wholes(): [string, string][] {
  return (own().length > TOWN ? [own()] : towns()).map((code) => [code, scopeName(code)])
}
/** The towns themselves, for what is in no grid, as choices of a field. */
function noGrids(): [string, string][] {
  return towns().map((code) => [code, gridName(code)])
}
function personName(member: string | null | undefined): string {
  return member ? (persons.value.get(member) ?? member) : '—'
}
function departmentName(id: string | null | undefined): string {
  const found = departments.value.find((one) => one.id === id)
  return found?.closed ? say('department.closed', { name: found.name }) : (found?.name ?? id ?? '—')
}
/** With whom it is: somebody by name, or else a department. */
function whose(item: { assignee?: string | null; department?: string | null }): string | null {
  return item.assignee ? personName(item.assignee) : item.department ? departmentName(item.department) : null
}
/** Those posted in a grid, each once, the least busy first. */
function peopleOf(grid: string): Person[] {
  return once(people.value.filter((one) => one.grid === grid)).sort(
    (a, b) => a.load - b.load || RANK.indexOf(a.post) - RANK.indexOf(b.post) || a.name.localeCompare(b.name),
  )
}
/** Everybody who is posted in a grid, each once, in the order of the grids. */
function everybody(): Person[] {
  return once([...people.value].sort((a, b) => a.grid.localeCompare(b.grid)))
}
function once(found: Person[]): Person[] {
  const first = new Map<string, Person>()
  for (const one of found) if (!first.has(one.member)) first.set(one.member, one)
  return [...first.values()]
}
/** By name: names are in the order of their pinyin, whatever the page's language. */
export function byName(found: Person[]): Person[] {
  return [...found].sort((a, b) => a.name.localeCompare(b.name, 'zh-CN'))
}
