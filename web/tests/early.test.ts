import { beforeEach, describe, expect, it, vi } from 'vitest'
import { api, got, send } from '@/shared/api/client'
import { askEarly, takeEarly } from '@/shared/early'

const answer = (body: unknown): Response => new Response(JSON.stringify(body), { headers: { 'content-type': 'application/json' } })

describe('what was asked before the scripts were there', () => {
  beforeEach(() => vi.stubGlobal('fetch', vi.fn(async () => answer([]))))

  it('answers the first who asks the same, and nobody after him', async () => {
    vi.mocked(fetch).mockResolvedValueOnce(answer([{ code: '1', name: '一' }]))
    await askEarly('/api/v1/grids')
    const ask = () => got(api.GET('/api/v1/grids', { params: { query: {} } }))
    expect(await ask()).toEqual([{ code: '1', name: '一' }])
    expect(fetch).toHaveBeenCalledTimes(1)
    expect(await ask()).toEqual([])
    expect(fetch).toHaveBeenCalledTimes(2)
  })

  it('answers no other question, and nothing that is sent', async () => {
    await askEarly('/api/v1/clock')
    await send('GET', '/clock?at=1')
    await send('PUT', '/clock', {})
    expect(fetch).toHaveBeenCalledTimes(3)
    expect(takeEarly('/api/v1/clock')).not.toBeNull()
  })

  it('can be read by whoever asked early, too', async () => {
    vi.mocked(fetch).mockResolvedValueOnce(answer({ now: '2026-01-01T00:00Z' }))
    const early = askEarly('/api/v1/clock')
    const taken = send('GET', '/clock')
    expect([await taken, await (await early).json()]).toEqual([{ now: '2026-01-01T00:00Z' }, { now: '2026-01-01T00:00Z' }])
  })

  it('is dropped where it was refused: who has signed in since asks anew', async () => {
    vi.mocked(fetch).mockResolvedValueOnce(new Response('', { status: 401 }))
    await askEarly('/api/v1/clock')
    await vi.waitFor(() => expect(takeEarly('/api/v1/clock')).toBeNull())
  })

  it('asks for each of several values', async () => {
    await askEarly('/api/v1/cases', { after: 7, status: ['a', 'b'], open: true })
    expect(takeEarly('/api/v1/cases?after=7&status=a&status=b&open=true')).not.toBeNull()
  })

  it('is told as not reached where it was not', async () => {
    vi.mocked(fetch).mockRejectedValueOnce(new TypeError('no network'))
    void askEarly('/api/v1/clock')
    await expect(send('GET', '/clock')).rejects.toMatchObject({ status: 0, code: 'offline' })
  })
})
