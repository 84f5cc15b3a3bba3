import { describe, expect, it } from 'vitest'
import admin from '@/admin/messages'
import audit from '@/audit/messages'
import board from '@/board/messages'
import console_ from '@/console/messages'
import phone from '@/phone/messages'
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

/** A place and right after it, or after one word, a word of many that isn't chosen by a number; not what ends in s without being one. */
const MANY = /\{\w+\} (?:(?!and|or|is|was)[a-z]+ )?(?!is\b|was\b|has\b|does\b|its?\b|as\b|this\b|differs\b|leads\b|says\b)[a-z]+s\b/

describe.each(Object.entries({ shared, console: console_, board, audit, phone, admin }))('the words of %s', (_name, words: Messages) => {
  it('are there in both languages, with the same places in them', () => {
    expect(leaves(words.en).sort()).toEqual(leaves(words['zh-CN']).sort())
    const places = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, name]) => name!))].sort()
    const [zh, en] = [values(words['zh-CN']), values(words.en)]
    expect(en.map((text) => places(text).join())).toEqual(zh.map((text) => places(text).join()))
    expect([...zh, ...en].filter((text) => text.trim() === '')).toEqual([])
  })

  it('are never of many where a number may be one', () => {
    expect(values(words.en).filter((text) => MANY.test(text))).toEqual([])
  })
})

it('has what it is given in its places, and nothing where nothing is given', () => {
  addMessages({ 'zh-CN': { tried: '{n} 项 | {who}@{n}' }, en: { tried: '{n} of {who}' } })
  expect(say('tried', { n: 2, who: '王' })).toBe('2 项 | 王@2')
  switchLocale('en')
  expect(say('tried', { n: 0 })).toBe('0 of ')
  switchLocale('zh-CN')
})

it('has the words that go with a number, as the language has it', () => {
  addMessages({ 'zh-CN': { held: '{n} 件' }, en: { held: '{n} {n|task is|tasks are} open' } })
  expect(say('held', { n: 1 })).toBe('1 件')
  switchLocale('en')
  const said = (n: string | number): string => say('held', { n })
  expect([1, '1', 0, 2, 0.5, '1,001'].map(said)).toEqual(['1 task is open', '1 task is open', '0 tasks are open', '2 tasks are open', '0.5 tasks are open', '1,001 tasks are open'])
  switchLocale('zh-CN')
})
