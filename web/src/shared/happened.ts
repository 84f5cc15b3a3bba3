// What the events of an item did, in words: to whom and from whom, how it came out, until when; for every face.
import type { components } from './api/schema'
import { moment } from './format'
import { known, locale, say } from './i18n'

export type Timeline = components['schemas']['Timeline']
export type Entry = Timeline['entries'][number]
/** Who has it to do. */
interface Holder {
  grid: string
  department: string
  member: string
}

/** These give it to somebody; those that are sent back are with the centre again. */
const GIVEN = new Set(['issued', 'transferred', 'dispatched', 'handed_down', 'assigned'])
/** These take it from whoever had it. */
const TAKEN_BACK = new Set(['reopened', 'flared_up', 'handed_up'])
const TAKEN_ON = new Set(['accepted', 'handling_started'])
/** How something came out: fields that hold yes or no. */
const OUTCOMES = ['genuine', 'satisfied', 'settled', 'compliant', 'upheld'] as const
/** What was said, in the order in which it is looked for. */
const WORDS = ['reason', 'note', 'terms', 'instructions']

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])
const word = (group: string, value: string): string => (known(`${group}.${value}`) ? say(`${group}.${value}`) : value)
const list = (names: string[]): string => names.join(say('happened.comma'))
const dueOf = (clock: unknown): string => text((clock as { due?: unknown } | undefined)?.due)

/** Return for each entry, by its position, what its name alone doesn't say. */
export function happened({ entries, names }: Timeline): Map<number, string> {
  // What a phone has kept from before is without names.
  const memberName = (id: string): string => names?.members[id] ?? id
  const gridName = (code: string): string => names?.grids[code] ?? code
  const departmentName = (id: string): string => names?.departments[id] ?? id
  const holderName = (one: Holder | null): string => {
    if (one === null) return say('happened.centre')
    if (one.department) return departmentName(one.department)
    if (!one.member) return gridName(one.grid)
    return one.grid ? say('happened.member', { name: memberName(one.member), place: gridName(one.grid) }) : memberName(one.member)
  }
  let holder: Holder | null = null
  let place = ''
  let due = ''

  /** To whom it was given; if somebody else had it before, from whom. */
  function given({ changed }: Entry): string {
    const before = holder
    place = text(changed.grid) || place
    const mediator = text(changed.mediator)
    holder = { grid: mediator ? '' : place, department: text(changed.department), member: mediator || text(changed.assignee) }
    const [from, to] = [before && holderName(before), holderName(holder)]
    return from === to ? to : `${from === null ? '' : `${from} `}→ ${to}`
  }
  /** Whom a step of the ladder reached. */
  function told({ persons, roles, level }: Record<string, unknown>): string {
    const found = texts(persons).map(memberName)
    if (texts(roles).includes('assignee') && holder?.department) found.push(departmentName(holder.department))
    if (texts(roles).includes('district') && level !== 'district') found.push(say('escalation.district'))
    return found.length > 0 ? ` → ${list(found)}` : ''
  }
  /** A deadline is told where it is new. */
  function deadline({ changed }: Entry): string {
    const next = dueOf(changed.handling) || dueOf(changed.reporting)
    if (!next || Date.parse(next) === Date.parse(due)) return ''
    const said = say(due ? 'happened.dueNow' : 'happened.due', { time: moment(next) })
    due = next
    return said
  }
  function detail(entry: Entry): string {
    const { changed } = entry
    const what = entry.name.slice(entry.name.indexOf('.') + 1)
    const level = text(changed.level)
    const found: string[] = [text(changed.number)]
    if (GIVEN.has(what)) found.push(given(entry))
    else place = text(changed.grid) || place
    if (TAKEN_BACK.has(what)) holder = null
    if (TAKEN_ON.has(what) && holder !== null && !holder.department && names?.members[text(entry.by)]) holder = { ...holder, member: text(entry.by) }
    if (what === 'declined') {
      found.push(`${holderName(holder)} → ${holderName(null)}`)
      holder = null
    }
    if (changed.to) found.push(`→ ${word('above', text(changed.to))}`)
    if (changed.checker) found.push(`→ ${memberName(text(changed.checker))}`)
    if (what === 'classified') found.push(word('disputeKind', text(changed.kind)), changed.major === true ? say('happened.major') : '')
    if (what.startsWith('escalat')) found.push(level && word('escalation', level) + (what === 'escalated' ? told(changed) : ''))
    else if (level) found.push(list([level, ...texts(changed.jointly_with)].map((one) => word('mediation', one))))
    for (const name of OUTCOMES) if (typeof changed[name] === 'boolean') found.push(say(`happened.${name}.${changed[name] ? 'yes' : 'no'}`))
    if (changed.promised_at) found.push(say('happened.promised', { time: moment(text(changed.promised_at)) }))
    if (changed.until) found.push(say('happened.until', { time: moment(text(changed.until)) }))
    const notMet = texts(changed.not_met).length
    if (notMet > 0) found.push(say('happened.notMet', { n: notMet }))
    found.push(deadline(entry))
    return found.filter(Boolean).join(' · ')
  }
  return new Map(entries.map((entry) => [entry.position, detail(entry)]))
}

/** The event's own line, in the reader's language. */
export const lineOf = ({ zh, en }: Entry): string => (locale() === 'en' ? en : zh)

/** Reasons that the service once wrote by itself, in English; an event's own line says them in the reader's language. */
const OF_THE_SERVICE = new Set(['dissatisfied at follow-up'])
/** What was said, as far as the event's own line doesn't hold it already. */
export function saidIn({ changed, zh }: Entry): string {
  return WORDS.map((name) => text(changed[name]))
    .filter((said) => said !== '' && !zh.includes(said) && !OF_THE_SERVICE.has(said))
    .join(' · ')
}
