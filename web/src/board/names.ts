// The names of places and values, as the town or the domain has them.
import { known, say } from '@/shared/i18n'
import type { Place } from './figures'

/** The digits of a town's code and of a grid's. */
const TOWN = 9
const GRID = 15

export const figureName = (name: string): string => say(`board.figure.${name}`)
export function countName(name: string): string {
  const [group, one] = name.split('.')
  return group === 'dispute_levels' ? say('board.resolvedAt', { level: wordOr('mediation', one) }) : say(`board.count.${name.replace('.', '_')}`)
}

/** The word for a value of the domain, or the value itself if a town has its own. */
export function wordOr(group: string, value: string | null | undefined): string {
  if (!value) return '—'
  return known(`${group}.${value}`) ? say(`${group}.${value}`) : value
}

/** What a scope is called: a grid, a village, a town, or all that one oversees. */
export function scopeName(scope: string, places: readonly Place[]): string {
  const grid = places.find(({ code }) => code === scope)
  if (grid) return grid.name
  const within = places.find(({ code }) => scope.length === 12 && code.startsWith(scope))
  if (within) return within.village
  return scope.length === TOWN ? (places.find(({ code }) => code.startsWith(scope))?.town ?? say('board.wholeTown')) : scope
}

/** Where an item stands, or a part of the figures: under a code that is no grid's is what belongs to none of the grids there. */
export function gridName(code: string, places: readonly Place[]): string {
  const name = scopeName(code, places)
  return code.length < GRID ? say('board.inNoGrid', { town: name }) : name
}
