import { unzipSync, strFromU8 } from 'fflate'
import { describe, expect, it } from 'vitest'
import { parsed } from '@/shared/export/proof'
import { csv, fileName, sheetOf } from '@/shared/export/table'
import { workbook } from '@/shared/export/workbook'

const WORDS = { asOf: 'as of', position: 'position', checkpoint: 'checkpoint', none: 'none', rows: 'rows' }
const ROWS = [
  { title: '垃圾 "桶", 路边', late: 1.5 },
  { title: '=HYPERLINK("http://x")', late: null },
  { title: 'a & <b>\n\u0001c', late: -2 },
]
const sheet = sheetOf(
  '任务',
  [
    { name: '标题', value: (row: (typeof ROWS)[0]) => row.title },
    { name: 'late', value: (row: (typeof ROWS)[0]) => row.late },
  ],
  { rows: ROWS, as_of: '2023-07-04T01:30:00Z', position: 4711 },
  { size: 4700, hash: 'q83vEjRW' },
  WORDS,
  (at) => at,
)

describe('an export', () => {
  it('has a file that is named by what it is of', () => {
    const named = ['2023-07-01T00:00:00Z', '2023-07-02T00:00:00Z'].map((as_of) => fileName('任务 · 超期: 全部', { as_of, position: 4711 }))
    expect(named).toEqual(['任务-·-超期-全部-20230701-0800-4711', '任务-·-超期-全部-20230702-0800-4711'])
  })

  it('as CSV holds every row, its origin, and no formula', () => {
    const text = csv(sheet)
    expect(text.startsWith('\ufeff标题,late\r\n"垃圾 ""桶"", 路边",1.5\r\n')).toBe(true)
    expect(text).toContain(`"'=HYPERLINK(""http://x"")",`)
    expect(text).toContain('position,4711\r\ncheckpoint,4700 q83vEjRW\r\nrows,3\r\n')
  })

  it('as a workbook holds the same, numbers as numbers and texts as texts', () => {
    const files = unzipSync(workbook(sheet))
    const page = strFromU8(files['xl/worksheets/sheet1.xml']!)
    expect(Object.keys(files)).toContain('[Content_Types].xml')
    expect(page).toContain('<c r="B2"><v>1.5</v></c>')
    expect(page).toContain('<t xml:space="preserve">=HYPERLINK("http://x")</t>')
    expect(page).toContain('a &amp; &lt;b&gt;\nc')
    expect(page).toContain('4700 q83vEjRW')
    expect(new DOMParser().parseFromString(page, 'text/xml').querySelectorAll('row')).toHaveLength(10)
  })

  it('counts what takes several lines as its page does', () => {
    const pair = sheetOf('x', [], { rows: [1, 2], as_of: 'now', position: 7, count: 1 }, null, WORDS, (at) => at)
    expect(pair.about).toContainEqual(['rows', 1])
  })

  it('without a checkpoint says so', () => {
    const none = sheetOf('x', [], { rows: [], as_of: 'now', position: 0 }, null, WORDS, (at) => at)
    expect(none.about).toContainEqual(['checkpoint', 'none'])
    expect(parsed('')).toBe(null)
    expect(parsed('town.example/log\n4700\nq83vEjRW\n\n— key sig\n')).toEqual({ size: 4700, hash: 'q83vEjRW' })
  })
})
