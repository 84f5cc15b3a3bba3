// Which open cases may be the same as one: of its category, in its grid or a few steps away, at about its time.
import type { Case, Item } from './items'

export interface Near {
  item: Case & { kind: 'case' }
  /** How far it is away, where both say where they are. */
  metres: number | null
}
const MOST = 5
/** Farther away than that it is something else, whatever it is called. */
const REACH = 300
const DAY = 86_400_000
/** How long before or after it may have been reported. */
const DAYS = 14
const DEGREE = 111_320

/** Return the likeliest duplicates, at most five, the likeliest first. */
export function likeliest(of: Case, among: readonly Item[]): Near[] {
  return among
    .filter((one): one is Case & { kind: 'case' } => one.kind === 'case' && one.id !== of.id && one.category === of.category)
    .map((item) => ({ item, metres: metresBetween(of, item), days: Math.abs(Date.parse(item.reported_at) - Date.parse(of.reported_at)) / DAY }))
    .filter(({ item, metres, days }) => days <= DAYS && (metres === null ? item.grid === of.grid : metres <= REACH))
    .sort((a, b) => (a.metres ?? REACH) / REACH + a.days / DAYS - ((b.metres ?? REACH) / REACH + b.days / DAYS))
    .slice(0, MOST)
    .map(({ item, metres }) => ({ item, metres }))
}

function metresBetween(a: Case, b: Case): number | null {
  if (a.longitude == null || a.latitude == null || b.longitude == null || b.latitude == null) return null
  const east = (a.longitude - b.longitude) * DEGREE * Math.cos((a.latitude * Math.PI) / 180)
  return Math.round(Math.hypot(east, (a.latitude - b.latitude) * DEGREE))
}
