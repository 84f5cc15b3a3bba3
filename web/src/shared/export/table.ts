// A list as a table that can leave the page: columns with names, rows with values, and where they come from.
import { stamp } from '@/shared/format'
import type { Checkpoint } from './proof'

export type Value = string | number | null
export interface Column<Row> {
  name: string
  value: (row: Row) => Value
}
export interface Taken<Row> {
  rows: Row[]
  as_of: string
  position: number
  /** How many there are as the page counts them, where one takes several lines. */
  count?: number
}
export interface Sheet {
  title: string
  columns: string[]
  rows: Value[][]
  /** Label and value of each line that says where the table comes from. */
  about: [string, Value][]
}
export interface About {
  asOf: string
  position: string
  checkpoint: string
  none: string
  rows: string
}

/** Put a list into a sheet, with its origin. */
export function sheetOf<Row>(
  title: string,
  columns: Column<Row>[],
  taken: Taken<Row>,
  checkpoint: Checkpoint | null,
  words: About,
  shown: (at: string) => string,
  more: [string, Value][] = [],
): Sheet {
  return {
    title,
    columns: columns.map(({ name }) => name),
    rows: taken.rows.map((row) => columns.map(({ value }) => value(row))),
    about: [
      ...more,
      [words.asOf, shown(taken.as_of)],
      [words.position, taken.position],
      [words.checkpoint, checkpoint === null ? words.none : `${checkpoint.size} ${checkpoint.hash}`],
      [words.rows, taken.count ?? taken.rows.length],
    ],
  }
}

/** A text that a spreadsheet takes for a formula is made a text again (CWE-1236). */
function harmless(value: Value): Value {
  return typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
}

function cell(value: Value): string {
  const text = String(harmless(value) ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Return a sheet as CSV (RFC 4180) with a byte order mark, without which Excel takes UTF-8 for another code. */
export function csv(sheet: Sheet): string {
  const lines = [sheet.columns, ...sheet.rows, [], [sheet.title], ...sheet.about]
  return `\ufeff${lines.map((line) => line.map(cell).join(',')).join('\r\n')}\r\n`
}

/** Return what a list's file is called: what it is of tells it from others, whenever it was saved. */
export function fileName(title: string, { as_of, position }: Pick<Taken<unknown>, 'as_of' | 'position'>): string {
  return `${title}-${stamp(as_of)}-${position}`.replace(/[\\/:*?"<>|\s]+/g, '-')
}

/** Give somebody a file to save. */
export function save(name: string, content: Blob): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
