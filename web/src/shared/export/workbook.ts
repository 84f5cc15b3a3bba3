// A sheet as an Excel workbook (ECMA-376): one worksheet, texts as texts, numbers as numbers, no formulas.
import { strToU8, zipSync } from 'fflate'
import type { Sheet, Value } from './table'

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const PACKAGE = 'http://schemas.openxmlformats.org/package/2006'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

/** What XML 1.0 has no place for is left out. */
function escaped(text: string): string {
  return text
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

/** Columns are A…Z, AA…ZZ. */
function letters(index: number): string {
  const before = Math.floor(index / 26)
  return (before > 0 ? letters(before - 1) : '') + String.fromCharCode(65 + (index % 26))
}

function cell(value: Value, row: number, column: number, style: number): string {
  if (value === null || value === '') return ''
  const place = `r="${letters(column)}${row}"${style > 0 ? ` s="${style}"` : ''}`
  if (typeof value === 'number') return `<c ${place}><v>${value}</v></c>`
  return `<c ${place} t="inlineStr"><is><t xml:space="preserve">${escaped(value)}</t></is></c>`
}

function worksheet(sheet: Sheet): string {
  const lines: Value[][] = [sheet.columns, ...sheet.rows, [], [sheet.title], ...sheet.about]
  const rows = lines.map((line, at) => {
    const cells = line.map((value, column) => cell(value, at + 1, column, at === 0 ? 1 : 0)).join('')
    return `<row r="${at + 1}">${cells}</row>`
  })
  const top = '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/></sheetView></sheetViews>'
  const widths = sheet.columns.map((_, at) => `<col min="${at + 1}" max="${at + 1}" width="${at === 0 ? 40 : 18}" customWidth="1"/>`)
  const columns = widths.length > 0 ? `<cols>${widths.join('')}</cols>` : ''
  return `${HEAD}<worksheet xmlns="${MAIN}">${top}${columns}<sheetData>${rows.join('')}</sheetData></worksheet>`
}

const CONTENT = `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${TYPE}.styles+xml"/></Types>`
const ROOT = `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`
const PARTS = `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`
const STYLES = `${HEAD}<styleSheet xmlns="${MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`

/** Return the bytes of an .xlsx file. */
export function workbook(sheet: Sheet): Uint8Array<ArrayBuffer> {
  const name = escaped(sheet.title.replace(/[\\/?*[\]:]/g, ' ').slice(0, 31)).replaceAll('"', '&quot;') || '1'
  const book = `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="${name}" sheetId="1" r:id="rId1"/></sheets></workbook>`
  const parts = {
    '[Content_Types].xml': CONTENT,
    '_rels/.rels': ROOT,
    'xl/workbook.xml': book,
    'xl/_rels/workbook.xml.rels': PARTS,
    'xl/styles.xml': STYLES,
    'xl/worksheets/sheet1.xml': worksheet(sheet),
  }
  return zipSync(Object.fromEntries(Object.entries(parts).map(([path, text]) => [path, strToU8(text)])))
}
