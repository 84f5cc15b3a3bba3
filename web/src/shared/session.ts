// Who is signed in, on this tab; a session that ends is renewed above the page, which stays as it is.
import { defineStore } from 'pinia'
import { computed, ref } from 'vue'
import { notePosition, onExpired, send } from './api/client'
import { reason, Refused } from './api/refused'
import { draftsOf, forgetDrafts } from './draft'
import { unattended } from './attended'
import { takeEarly } from './early'
import { forgetOwn, keep, keepOwn, kept, keptOwn } from './kept'

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
  must_set_second_factor?: boolean
  expires_at?: string | null
}
/** `away`: the service could not be asked. */
export type State = 'unknown' | 'in' | 'out' | 'expired' | 'away'

const SIGNED_OUT = 'signed-out'
const SIGNED_IN = 'signed-in'
let remembers = false
/** Keep on this device who is signed in, until he signs out: for a page that must open without a network. */
export function rememberWho(): void {
  remembers = true
}

export const useSession = defineStore('session', () => {
  const who = ref<Who | null>(null)
  const state = ref<State>('unknown')
  /** Why signing out failed, in words, or empty. */
  const wrong = ref('')
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
    if (remembers) keep('who', account)
    draftsOf(account.account)
    // Who was here before may never have signed out.
    if (keptOwn('of') !== account.account) forgetOwn()
    keepOwn('of', account.account)
    if (other) {
      // What is on the page, and what is typed there, belongs to somebody else.
      forgetDrafts()
      location.reload()
      return
    }
    if (state.value !== 'in') {
      // Other tabs of this browser are let in with it; they are told, and nothing stays.
      keep(SIGNED_IN, account.account)
      keep(SIGNED_IN, null)
    }
    state.value = 'in'
    const resolved = waiting
    waiting = []
    for (const resolve of resolved) resolve()
  }

  let loading: Promise<void> | null = null
  /** Ask who is signed in; while that is being asked, it isn't asked again. */
  function load(): Promise<void> {
    loading ??= ask().finally(() => (loading = null))
    return loading
  }

  async function ask(): Promise<void> {
    if (remembers && who.value === null) {
      who.value = kept<Who>('who')
      if (who.value !== null) state.value = 'away'
    }
    try {
      const response = await (takeEarly('/api/v1/me') ?? fetch(unattended(new Request('/api/v1/me', { credentials: 'same-origin' }))))
      // The page begins here: what it loads is of this position or later, and its stream goes on from it.
      notePosition(response)
      if (response.ok) entered((await response.json()) as Who)
      else if (response.status === 401) state.value = who.value === null ? 'out' : 'expired'
      else state.value = 'away'
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
    await ask()
  }

  async function signOut(): Promise<void> {
    wrong.value = ''
    try {
      await send('DELETE', '/session')
    } catch (error) {
      // A session that has ended already is as good.
      if (!(error instanceof Refused) || error.status !== 401) {
        wrong.value = reason(error)
        return
      }
    }
    // Other tabs of this browser are signed out with it.
    keep(SIGNED_OUT, `${who.value?.account ?? ''} ${Date.now()}`)
    leave()
    location.assign('/ui/')
  }

  /** Nothing of the person stays on this device: the next to sit here may be anybody. */
  function leave(): void {
    who.value = null
    keep('who', null)
    forgetOwn()
    forgetDrafts()
  }
  addEventListener('storage', (event: Event) => {
    const { key, newValue } = event as StorageEvent
    if (key === `dispatch.${SIGNED_IN}` && newValue !== null) {
      if (state.value !== 'in' || newValue !== JSON.stringify(who.value?.account)) void load()
      return
    }
    if (key !== `dispatch.${SIGNED_OUT}` || newValue === null || who.value === null) return
    leave()
    location.reload()
  })

  return {
    who,
    state,
    wrong,
    load,
    signIn,
    signOut,
    changePassword,
    expired,
    mustChange: computed(() => who.value?.must_change_password === true),
    mustSetFactor: computed(() => who.value?.must_set_second_factor === true),
  }
})
