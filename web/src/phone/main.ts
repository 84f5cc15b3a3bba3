import type { RouteRecordRaw } from 'vue-router'
import { mountFace } from '@/shared/app'
import { rememberWho } from '@/shared/session'
import CasePage from './CasePage.vue'
import InboxPage from './InboxPage.vue'
import messages from './messages'
import { keepPage } from './offline'
import OutboxPage from './OutboxPage.vue'
import PhonePage from './PhonePage.vue'
import ReportPage from './ReportPage.vue'
import SettingsPage from './SettingsPage.vue'
import TaskPage from './TaskPage.vue'
import TasksPage from './TasksPage.vue'

const routes: RouteRecordRaw[] = [
  { path: '/', component: TasksPage },
  { path: '/tasks/:id', component: TaskPage },
  { path: '/cases/:id', component: CasePage },
  { path: '/report', component: ReportPage },
  { path: '/inbox', component: InboxPage },
  { path: '/outbox', component: OutboxPage },
  { path: '/settings', component: SettingsPage },
  { path: '/:rest(.*)*', redirect: '/' },
]

rememberWho()
if (import.meta.env.PROD) void keepPage()
mountFace({ name: 'phone', root: PhonePage, messages, routes })
