import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { unattended } from '@/shared/attended'

const told = (): string | null => unattended(new Request('http://localhost/api/v1/tasks')).headers.get('dispatch-unattended')

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => {
  vi.useRealTimers()
  document.documentElement.classList.remove('kiosk')
})

it('tells of what a page asks while nobody is at it, unless it hangs on a wall', () => {
  dispatchEvent(new Event('keydown'))
  vi.advanceTimersByTime(59_000)
  expect(told()).toBeNull()
  vi.advanceTimersByTime(2_000)
  expect(told()).toBe('1')
  document.documentElement.classList.add('kiosk')
  expect(told()).toBeNull()
  document.documentElement.classList.remove('kiosk')
  dispatchEvent(new Event('pointermove'))
  expect(told()).toBeNull()
})
