// Who is signed in, on this tab; a session that ends is renewed above the page, which stays as it is.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { onExpired, send } from './api/client'
import { Refused } from './api/refused'

export type Role = 'operator' | 'worker' | 'supervisor' | 'auditor' | 'administrator'
export interface Who {
  account: string
  name: string
  role: Role
  scope: string
  member: string | null
  grids: string[]
  must_change_password?: boolean
  second_factor?: boolean
  expires_at?: string | null
}
/** `away`: the service could not be asked. */
export type State = 'unknown' | 'in' | 'out' | 'expired' | 'away'

export const useSession = defineStore('session', () => {
  const who = ref<Who | null>(null)
  const state = ref<State>('unknown')
  let waiting: (() => void)[] = []

  /** Wait until somebody has signed in again. */
  function expired(): Promise<void> {
    state.value = who.value === null ? 'out' : 'expired'
    return new Promise((resolve) => waiting.push(resolve))
  }
  onExpired(expired)

  function entered(account: Who): void {
    const other = who.value !== null && who.value.account !== account.account
    who.value = account
    if (other) {
      // What is on the page belongs to somebody else.
      location.reload()
      return
    }
    state.value = 'in'
    const resolved = waiting
    waiting = []
    for (const resolve of resolved) resolve()
  }

  /** Ask who is signed in. */
  async function load(): Promise<void> {
    try {
      const response = await fetch('/api/v1/me', { credentials: 'same-origin' })
      if (response.ok) entered((await response.json()) as Who)
      else state.value = response.status === 401 ? 'out' : 'away'
    } catch {
      state.value = 'away'
    }
  }

  async function signIn(account: string, password: string, code?: string): Promise<void> {
    const body = code ? { account, password, code } : { account, password }
    entered(await send<Who>('POST', '/session', body))
  }

  async function changePassword(old: string, fresh: string): Promise<void> {
    await send('PUT', '/session/password', { old, new: fresh })
    await load()
  }

  async function signOut(): Promise<void> {
    try {
      await send('DELETE', '/session')
    } catch (error) {
      // A session that has ended already is as good.
      if (!(error instanceof Refused) || error.status !== 401) throw error
    }
    who.value = null
    location.assign('/ui/')
  }

  return {
    who,
    state,
    load,
    signIn,
    signOut,
    changePassword,
    expired,
    mustChange: computed(() => who.value?.must_change_password === true),
  }
})
