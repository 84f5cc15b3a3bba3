// The names of places and values, as the town or the domain has them.
import { figureName } from '@/shared/figureNames'
import { numberOf, type Household } from '@/shared/households'
import { known, say } from '@/shared/i18n'
import { scopeName, type Place } from '@/shared/places'

/** The digits of a grid's code. */
const GRID = 15

/** What a plain number is called; of disputes, how many were resolved at each level, which the town's policy names. */
export function countName(name: string): string {
  const [group, one] = name.split('.')
  return group === 'dispute_levels' ? say('board.resolvedAt', { level: wordOr('mediation', one) }) : figureName(name)
}

/** The word for a value of the domain, or the value itself if a town has its own. */
export function wordOr(group: string, value: string | null | undefined): string {
  if (!value) return '—'
  return known(`${group}.${value}`) ? say(`${group}.${value}`) : value
}

/** Where an item stands, or a part of the figures: under a code that is no grid's is what belongs to none of the grids there. */
export function gridName(code: string, places: readonly Place[]): string {
  const name = scopeName(code, places)
  return code.length < GRID ? say('board.inNoGrid', { town: name }) : name
}

/** What a household is called, which has no other name here: by its grid and its number there. */
export const householdName = (one: Pick<Household, 'grid' | 'number'>, places: readonly Place[]): string => `${gridName(one.grid, places)} ${numberOf(one)}`
