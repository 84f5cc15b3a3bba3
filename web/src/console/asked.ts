// What of a page's address a list can be asked for; the rest, mistyped or of another version, is as if it weren't there.
import type { LocationQuery } from 'vue-router'
import { CLASSES, SEVERITIES, SOURCES } from './choices'
import { ITEM, type Kind } from './items'

/** The longest text that titles can be searched for. */
export const LONGEST = 100
const KEY = /^[a-z0-9][a-z0-9-]{0,63}$/
const CODE = /^(\d{2}|\d{4}|\d{6}|\d{9}|\d{12}|\d{15})$/
/** A day, or a time with its zone. */
const isDay = (value: string): boolean => /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d))?$/.test(value) && !Number.isNaN(Date.parse(value))
/** What the service takes; of the right form and unknown is said in a filter, and finds nothing. */
const TAKEN: Record<string, (value: string) => boolean> = {
  text: (value) => value.length <= LONGEST,
  scope: (value) => CODE.test(value),
  exact: (value) => value === 'true',
  category: (value) => /^[a-z][a-z0-9_]{0,39}$/.test(value),
  assignee: (value) => KEY.test(value),
  department: (value) => KEY.test(value),
  severity: (value) => SEVERITIES.includes(value),
  source: (value) => SOURCES.includes(value),
  campaign: (value) => ITEM.test(value),
  plan: (value) => ITEM.test(value),
  issued_from: isDay,
  reported_from: isDay,
  class: (value) => CLASSES.includes(value),
}
/** Return what the address asks for under a name, empty if it can't be asked for. */
export function askedOf(query: LocationQuery, name: string): string {
  const value = String(query[name] ?? '')
  return TAKEN[name]?.(value) === false ? '' : value
}

/** What the service sorts lists by. */
export const SORTS: Record<Kind, readonly string[]> = {
  case: ['assignee', 'category', 'closed', 'due', 'escalated', 'grid', 'next_step', 'number', 'position', 'reported', 'runs_out', 'severity', 'since', 'status', 'title'],
  task: ['assignee', 'category', 'closed', 'due', 'escalated', 'grid', 'issued', 'next_step', 'position', 'runs_out', 'since', 'status', 'title'],
}
/** Return what the address sorts by, or what is usual. */
export function sortOf(query: LocationQuery, known: readonly string[], usual: string): string {
  const value = String(query.sort ?? '')
  return known.includes(value.replace(/^-/, '')) ? value : usual
}
