import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { send } from '@/shared/api/client'
import { reason, Refused, undecided } from '@/shared/api/refused'
import { useSession } from '@/shared/session'

const WANG = { account: 'wang', name: '王芳', role: 'operator', scope: '500115101', member: null, grids: [] }
type Call = { method: string; path: string; key: string | null; body: unknown }
let calls: Call[] = []
let answers: Record<string, (() => Response)[]> = {}

const json = (body: unknown, status = 200, headers = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } })
const problem = (status: number, code: string): Response => json({ status, code, title: `said ${code}` }, status)

beforeEach(() => {
  setActivePinia(createPinia())
  calls = []
  answers = {}
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input instanceof Request ? input : new URL(String(input), location.origin), init)
    const text = await request.text()
    const call = { method: request.method, path: new URL(request.url).pathname.replace('/api/v1', '') }
    calls.push({ ...call, key: request.headers.get('idempotency-key'), body: text ? JSON.parse(text) : null })
    const next = answers[`${call.method} ${call.path}`]?.shift()
    if (next === undefined) throw new TypeError('no network')
    return next()
  })
})
afterEach(() => vi.unstubAllGlobals())

describe('the session', () => {
  it('keeps what was being sent while it has ended, and sends it once somebody signed in again', async () => {
    const session = useSession()
    answers['GET /me'] = [() => json(WANG)]
    await session.load()
    answers['POST /tasks'] = [() => problem(401, 'unauthenticated'), () => json({ position: 5 })]
    answers['POST /session'] = [() => problem(401, 'sign-in-refused'), () => json(WANG)]
    const sent = send('POST', '/tasks', { title: '巡查' })
    await expect.poll(() => session.state).toBe('expired')
    await expect(session.signIn('wang', 'wrong')).rejects.toMatchObject({ code: 'sign-in-refused' })
    expect(session.state).toBe('expired')
    await session.signIn('wang', 'right')
    expect(await sent).toEqual({ position: 5 })
    expect(session.state).toBe('in')
    const tasks = calls.filter(({ path }) => path === '/tasks')
    expect(tasks.map(({ body }) => body)).toEqual([{ title: '巡查' }, { title: '巡查' }])
    expect(tasks[0]?.key).toMatch(/^[0-9a-f]{32}$/)
    expect(tasks[1]?.key).toBe(tasks[0]?.key)
  })

  it('is out for who has none, and away when the service is', async () => {
    const session = useSession()
    answers['GET /me'] = [() => problem(401, 'unauthenticated'), () => problem(503, 'database-away')]
    await session.load()
    expect(session.state).toBe('out')
    await session.load()
    expect(session.state).toBe('away')
    await session.load()
    expect(session.state).toBe('away')
  })

  it('asks for the code of a second factor only after the password was right', async () => {
    const session = useSession()
    answers['POST /session'] = [() => json(WANG)]
    await session.signIn('wang', 'right', '123456')
    expect(calls.at(-1)?.body).toEqual({ account: 'wang', password: 'right', code: '123456' })
  })

  it('knows a first password, which must be changed', async () => {
    const session = useSession()
    answers['POST /session'] = [() => json({ ...WANG, must_change_password: true })]
    await session.signIn('wang', 'first')
    expect(session.mustChange).toBe(true)
    answers['PUT /session/password'] = [() => json({ position: 1 })]
    answers['GET /me'] = [() => json({ ...WANG, must_change_password: false })]
    await session.changePassword('first', 'fresh')
    expect(session.mustChange).toBe(false)
  })
})

describe('a refusal', () => {
  it('is said in the language of the page, or else as the service says it', () => {
    expect(reason(Refused.of(409, { code: 'stale-version', title: 'x' }))).toContain('刚被别人改动')
    expect(reason(Refused.of(409, { code: 'some-new-rule', title: 'Some rule.' }))).toBe('Some rule.')
    expect(reason(Refused.of(502, null))).toContain('暂时不可用')
    expect(reason(new TypeError('bug'))).toContain('服务出错')
  })

  it('of a service that could not be reached keeps what was typed', async () => {
    const refused = await send('POST', '/tasks', {}).catch((error: unknown) => error)
    expect(refused).toMatchObject({ status: 0, code: 'offline' })
    expect(reason(refused)).toContain('都还在')
    expect([refused, Refused.of(503, null), Refused.of(409, null)].map(undecided)).toEqual([true, true, false])
  })
})
