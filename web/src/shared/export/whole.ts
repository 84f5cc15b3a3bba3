// A list to its end, as it is at one position of the log however long it takes to fetch.
import type { Taken } from './table'

export interface ListPage<Row> {
  items: Row[]
  next?: string | null
  as_of: string
  position: number
}
/** What pins a page of a list: the rows of one moment, the page after the one before. */
export interface Pin {
  limit: number
  cursor?: string
  as_of?: string
  known_at?: number
}
/** The most that the API gives at once. */
const MOST = 500

/** Ask page by page, all of them as of the moment and position of the first. */
export async function wholeOf<Row>(ask: (pin: Pin) => Promise<ListPage<Row>>): Promise<Taken<Row>> {
  const first = await ask({ limit: MOST })
  const { as_of, position } = first
  if (!first.next) return { rows: first.items, as_of, position }
  const rows: Row[] = []
  let cursor: string | undefined
  do {
    const page = await ask({ limit: MOST, as_of, known_at: position, ...(cursor === undefined ? {} : { cursor }) })
    rows.push(...page.items)
    cursor = page.next ?? undefined
  } while (cursor !== undefined)
  return { rows, as_of, position }
}
