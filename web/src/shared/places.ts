// The names of places, as the town has them: what a code is called wherever one stands.
import { shallowReactive } from 'vue'
import { say } from './i18n'

/** A grid as the service names it. */
export interface Place {
  code: string
  name: string
  village: string
  town: string
  closed: boolean
}
/** The digits of a town's code and of a village's. */
export const TOWN = 9
export const VILLAGE = 12

/** What towns are called that have no grid yet to say so. */
const gridless = shallowReactive(new Map<string, string>())
/** `asked` is called by its code where no town was founded under it. */
export function nameTowns(towns: readonly { code: string; name: string }[], asked = ''): void {
  gridless.set(asked, asked)
  for (const { code, name } of towns) gridless.set(code, name)
}

/** What lies above the towns is called by what it is, and by its code: no town says its name. */
const AREAS: Record<number, string> = { 0: 'account.everything', 2: 'place.province', 4: 'place.city', 6: 'place.county' }
export function areaName(code: string): string {
  const area = AREAS[code.length]
  return area ? say(area, { code }) : code
}
/** What a scope is called: a grid, a village, a town, or all that one oversees. */
export function scopeName(scope: string, places: readonly Place[]): string {
  const grid = places.find(({ code }) => code === scope)
  if (grid) return grid.name
  const within = places.find(({ code }) => scope.length === VILLAGE && code.startsWith(scope))
  if (within) return within.village
  return scope.length === TOWN ? (places.find(({ code }) => code.startsWith(scope))?.town ?? gridless.get(scope) ?? say('place.wholeTown')) : areaName(scope)
}
