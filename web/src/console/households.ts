// Households as this face names them: nobody's name, but the grid and the number that a household has there.
import { left, short } from '@/shared/format'
import { numberOf, type Household } from '@/shared/households'
import { say } from '@/shared/i18n'
import { usePlaces } from './places'

/** What people call it, such as 桂花村网格 007. */
export const householdName = (one: Household): string => `${usePlaces().gridName(one.grid)} ${numberOf(one)}`
/** How long there is for the visit that is due. */
export const timeForVisit = (one: Household, now: number): string => (one.visit_due ? left(one.visit_due, now) : '')
export const lastVisit = (one: Household, now: number): string => (one.last_visited_at ? short(one.last_visited_at, now) : say('console.household.never'))
