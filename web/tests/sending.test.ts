import { describe, expect, it } from 'vitest'
import { Refused } from '@/shared/api/refused'
import { Once, useSending } from '@/shared/sending'

const away = (): Refused => new Refused(0, 'offline', 'away')
const refused = (): Refused => Refused.of(409, { code: 'stale-version', title: 'x' })

describe('what a form sends', () => {
  it('keeps its key until it is known what came of it', async () => {
    const once = new Once()
    const keys: string[] = []
    const fail = (error: unknown) => (key: string) => {
      keys.push(key)
      return Promise.reject(error)
    }
    await expect(once.send(fail(away()))).rejects.toBeInstanceOf(Refused)
    await expect(once.send(fail(Refused.of(503, null)))).rejects.toBeInstanceOf(Refused)
    await expect(once.send(fail(refused()))).rejects.toBeInstanceOf(Refused)
    await once.send((key) => Promise.resolve(keys.push(key)))
    await once.send((key) => Promise.resolve(keys.push(key)))
    expect(keys[1]).toBe(keys[0])
    expect(keys[2]).toBe(keys[0])
    expect(new Set(keys).size).toBe(3)
  })

  it('is sent once however often it is pressed', async () => {
    const sending = useSending()
    let sent = 0
    let answer = (): void => {}
    const act = (): Promise<void> => {
      sent += 1
      return new Promise((resolve) => (answer = resolve))
    }
    const first = sending.attempt(act)
    expect(await sending.attempt(act)).toBe(false)
    expect(sending.busy.value).toBe(true)
    answer()
    expect(await first).toBe(true)
    expect([sent, sending.busy.value]).toEqual([1, false])
  })

  it('says why it was refused, and whether it is still open', async () => {
    const sending = useSending()
    expect(await sending.attempt(() => Promise.reject(away()))).toBe(false)
    expect([sending.wrong.value.includes('连接不上服务'), sending.open.value]).toEqual([true, true])
    expect(await sending.attempt(() => Promise.reject(refused()))).toBe(false)
    expect([sending.wrong.value.includes('刚被别人改动'), sending.open.value]).toEqual([true, false])
    expect(await sending.attempt(() => Promise.resolve())).toBe(true)
    expect([sending.wrong.value, sending.open.value]).toEqual(['', false])
  })
  it('says at which field it was refused, and once only', async () => {
    const faults = [{ at: 'body/households/0/name', wrong: 'Value error, must hold something that can be read' }]
    const malformed = (): Promise<never> => Promise.reject(new Refused(422, 'request-malformed', '', faults))
    const sending = useSending(['name'])
    expect(await sending.attempt(malformed)).toBe(false)
    expect([sending.fields.value, sending.wrong.value]).toEqual([{ name: '不能为空。' }, '填写有误，请检查。'])
    const other = useSending(['title'])
    expect(await other.attempt(malformed)).toBe(false)
    expect(other.wrong.value).toContain('name')
    const promising = useSending(['promised_at'])
    expect(await promising.attempt(() => Promise.reject(Refused.of(422, { code: 'promise-unacceptable', title: 'x' })))).toBe(false)
    expect([promising.fields.value, promising.wrong.value]).toEqual([{ promised_at: '承诺时间须在现在之后、一年以内。' }, '填写有误，请检查。'])
  })
})
