import { describe, expect, it } from 'vitest'
import audit from '@/audit/messages'
import board from '@/board/messages'
import console_ from '@/console/messages'
import phone from '@/phone/messages'
import start from '@/start/messages'
import { addMessages, say, switchLocale } from '@/shared/i18n'
import shared from '@/shared/i18n/shared'
import type { Messages, Words } from '@/shared/i18n'

function leaves(words: Words, before = ''): string[] {
  return Object.entries(words).flatMap(([key, value]) =>
    typeof value === 'string' ? [`${before}${key}`] : leaves(value, `${before}${key}.`),
  )
}
const values = (words: Words): string[] =>
  Object.values(words).flatMap((value) => (typeof value === 'string' ? [value] : values(value)))

describe.each(Object.entries({ shared, console: console_, board, audit, phone, start }))('the words of %s', (_name, words: Messages) => {
  it('are there in both languages, with the same places in them', () => {
    expect(leaves(words.en).sort()).toEqual(leaves(words['zh-CN']).sort())
    const places = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([found]) => found).sort()
    const [zh, en] = [values(words['zh-CN']), values(words.en)]
    expect(en.map((text) => places(text).join())).toEqual(zh.map((text) => places(text).join()))
    expect([...zh, ...en].filter((text) => text.trim() === '')).toEqual([])
  })
})

it('has what it is given in its places, and nothing where nothing is given', () => {
  addMessages({ 'zh-CN': { tried: '{n} 项 | {who}@{n}' }, en: { tried: '{n} of {who}' } })
  expect(say('tried', { n: 2, who: '王' })).toBe('2 项 | 王@2')
  switchLocale('en')
  expect(say('tried', { n: 0 })).toBe('0 of ')
  switchLocale('zh-CN')
})
