import './first'
import type { RouteRecordRaw } from 'vue-router'
import { mountFace } from '@/shared/app'
import { later } from '@/shared/live'
import { afterPicture, awaitPicture } from '@/shared/picture'
import { rememberWho } from '@/shared/session'
import messages from './messages'
import { keepPage } from './offline'
import PhonePage from './PhonePage.vue'
import TasksPage from './TasksPage.vue'

type Pages = typeof import('./pages')
const pages = (): Promise<Pages> => later(() => import('./pages'))
const page = (name: keyof Pages) => async () => (await pages())[name]

const routes: RouteRecordRaw[] = [
  { path: '/', component: TasksPage },
  { path: '/tasks/:id', component: page('TaskPage') },
  { path: '/cases/:id', component: page('CasePage') },
  { path: '/report', component: page('ReportPage') },
  { path: '/inbox', component: page('InboxPage') },
  { path: '/outbox', component: page('OutboxPage') },
  { path: '/settings', component: page('SettingsPage') },
  { path: '/:rest(.*)*', redirect: '/' },
]

/** A slow line first carries what is to be seen, then what a cut must find here. */
async function afterwards(): Promise<void> {
  await pages().catch(() => undefined) // asked for again when they are opened
  if (import.meta.env.PROD) await keepPage()
}

rememberWho()
if (location.pathname === '/m/') awaitPicture()
mountFace({ name: 'phone', root: PhonePage, messages, routes })
const idle = (): unknown => ('requestIdleCallback' in window ? requestIdleCallback(() => void afterwards()) : setTimeout(afterwards, 1000))
const shown = (): void => afterPicture(idle)
if (document.readyState === 'complete') shown()
else addEventListener('load', shown)
