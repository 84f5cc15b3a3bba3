// The board as a table that leaves the page: every figure of the whole and of each grid, and every plain number.
import type { Column, Taken } from '@/shared/export/table'
import { figureName, groupName } from '@/shared/figureNames'
import { say } from '@/shared/i18n'
import { scopeName } from '@/shared/places'
import { countOf, countsOf, GROUPS, ofEverySource, percent, type Figures, type Overview, type Place } from './figures'
import { countName, gridName } from './names'

export interface Line {
  place: string
  group: string
  name: string
  numerator: number | null
  denominator: number | null
  count: number | null
  before: number | null
}

export function sheetOf(shown: Overview, before: Figures | null, places: readonly Place[]): Taken<Line> {
  const rows: Line[] = []
  const whole = { code: shown.scope, figures: shown.board.figures, counts: shown.board.counts }
  for (const one of [whole, ...shown.board.grids]) {
    const { code, figures, counts } = one
    const place = one === whole ? scopeName(code, places) : gridName(code, places)
    const said = (name: string, words: string): string => (shown.board.source && ofEverySource(name) ? words + say('narrowed.everySource') : words)
    for (const group of GROUPS) {
      const named = groupName(group.name)
      for (const name of group.figures) {
        const pair = figures[name]
        const past = one === whole ? percent(before?.[name]) : null
        rows.push({ place, group: named, name: said(name, figureName(name)), numerator: pair?.numerator ?? 0, denominator: pair?.denominator ?? 0, count: null, before: past })
      }
      for (const name of countsOf(group, counts)) {
        rows.push({ place, group: named, name: said(name, countName(name)), numerator: null, denominator: null, count: countOf(counts, name), before: null })
      }
    }
  }
  return { rows, as_of: shown.as_of, position: shown.position }
}

export function sheetColumns(): Column<Line>[] {
  return [
    { name: say('board.column.place'), value: ({ place }) => place },
    { name: say('board.column.group'), value: ({ group }) => group },
    { name: say('board.column.figure'), value: ({ name }) => name },
    { name: say('board.numerator'), value: ({ numerator }) => numerator },
    { name: say('board.denominator'), value: ({ denominator }) => denominator },
    {
      name: say('board.column.percent'),
      value: ({ numerator, denominator }) =>
        denominator === null ? null : denominator === 0 ? say('noData') : percent({ numerator: numerator!, denominator }),
    },
    { name: say('board.column.beforePercent'), value: ({ before }) => before },
    { name: say('board.column.number'), value: ({ count }) => count },
  ]
}
