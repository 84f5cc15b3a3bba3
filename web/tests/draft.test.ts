import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { draftsOf, forgetDrafts, useDraft } from '@/shared/draft'
import { keep, keepOwn, kept, keptOwn } from '@/shared/kept'
import { useSession } from '@/shared/session'

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status })
const account = (name: string) => ({ account: name, name, role: 'operator', scope: '500115101', member: null, grids: [] })
let answers: Record<string, () => Response> = {}

beforeEach(() => {
  setActivePinia(createPinia())
  sessionStorage.clear()
  localStorage.clear()
  vi.stubGlobal('fetch', async (input: Request | string) => {
    const path = new URL(input instanceof Request ? input.url : input, location.origin).pathname
    const method = input instanceof Request ? input.method : 'GET'
    const answer = answers[`${method} ${path.replace('/api/v1', '')}`]
    if (answer === undefined) throw new TypeError('no network')
    return answer()
  })
  vi.spyOn(location, 'assign').mockImplementation(() => {})
  vi.spyOn(location, 'reload').mockImplementation(() => {})
})
afterEach(() => vi.unstubAllGlobals())

async function typed(name: string, text: string): Promise<void> {
  useDraft(name, { text: '' }).values.text = text
  await nextTick()
}

describe('a draft', () => {
  it('is there again for who typed it, and for nobody else', async () => {
    draftsOf('wang')
    await typed('report', '邻里矛盾')
    expect(useDraft('report', { text: '' }).values.text).toBe('邻里矛盾')
    draftsOf('li')
    expect(useDraft('report', { text: '' })).toMatchObject({ restored: false, values: { text: '' } })
    expect(Object.keys(sessionStorage)).toEqual([])
  })

  it('is only said to be back if something other than at first was typed', async () => {
    draftsOf('wang')
    await typed('report', 'a')
    await typed('report', '')
    expect(useDraft('report', { text: '' }).restored).toBe(false)
  })

  it('is thrown away at once: the form begins anew, and nothing is kept', async () => {
    draftsOf('wang')
    await typed('report', '二')
    const draft = useDraft<Record<string, unknown>>('report', { text: '一' })
    draft.values.more = true
    draft.discard()
    await nextTick()
    expect([draft.restored, draft.values, Object.keys(sessionStorage)]).toEqual([false, { text: '一' }, []])
    draft.values.text = '三'
    await nextTick()
    expect(useDraft('report', { text: '一' }).restored).toBe(true)
  })

  it('keeps nothing of what is typed after it was sent', async () => {
    draftsOf('wang')
    const draft = useDraft('report', { text: '' })
    draft.values.text = '一'
    await nextTick()
    draft.forget()
    draft.values.text = '二'
    await nextTick()
    expect(Object.keys(sessionStorage)).toEqual([])
  })

  it('can be forgotten though its form is open: it does not come back', async () => {
    draftsOf('wang')
    const draft = useDraft('report', { text: '' })
    draft.values.text = '一'
    forgetDrafts()
    await nextTick()
    expect(Object.keys(sessionStorage)).toEqual([])
  })
})

describe('who signs out', () => {
  it('leaves nothing of his on this device, and other tabs hear of it', async () => {
    answers = { 'GET /me': () => json(account('wang')), 'DELETE /session': () => new Response(null, { status: 204 }) }
    const session = useSession()
    await session.load()
    await typed('report', '邻里矛盾')
    keepOwn('columns', ['title'])
    keep('theme', 'dark')
    await session.signOut()
    expect(Object.keys(sessionStorage)).toEqual([])
    expect([keptOwn('columns'), kept('who'), kept('theme')]).toEqual([null, null, 'dark'])
    expect(kept('signed-out')).not.toBeNull()
    expect(session.who).toBeNull()
  })

  it('is told if the service could not be reached, and stays', async () => {
    answers = { 'GET /me': () => json(account('wang')) }
    const session = useSession()
    await session.load()
    await typed('report', '邻里矛盾')
    await session.signOut()
    expect(session.who?.account).toBe('wang')
    expect(session.wrong).toContain('连接不上服务')
    expect(Object.keys(sessionStorage)).toHaveLength(1)
  })

  it('in another tab is out here too, with nothing left of what he typed', async () => {
    answers = { 'GET /me': () => json(account('wang')) }
    const session = useSession()
    await session.load()
    await typed('report', '邻里矛盾')
    globalThis.dispatchEvent(new StorageEvent('storage', { key: 'dispatch.signed-out', newValue: '"wang 1"' }))
    expect(Object.keys(sessionStorage)).toEqual([])
    expect(location.reload).toHaveBeenCalled()
  })
})

describe('who signs in', () => {
  it('finds nothing of the one before him, though that one never signed out', async () => {
    answers = { 'GET /me': () => json(account('wang')) }
    await useSession().load()
    await typed('report', '邻里矛盾')
    keepOwn('columns', ['title'])
    setActivePinia(createPinia())
    answers = { 'GET /me': () => json(account('li')) }
    await useSession().load()
    expect([useDraft('report', { text: '' }).values.text, keptOwn('columns')]).toEqual(['', null])
  })
})
