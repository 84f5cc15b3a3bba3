import '@/shared/first'
import { mountFace } from '@/shared/app'
import { later } from '@/shared/live'
import messages from './messages'
import AuditPage from './AuditPage.vue'
import LogPage from './LogPage.vue'

mountFace({
  name: 'audit',
  root: AuditPage,
  messages,
  routes: [
    { path: '/', redirect: (to) => ({ name: 'log', query: to.query }) },
    { path: '/log', name: 'log', component: LogPage },
    { path: '/replay', name: 'replay', component: () => later(() => import('./ReplayPage.vue')) },
    { path: '/proofs', name: 'proofs', component: () => later(() => import('./ProofsPage.vue')) },
    { path: '/published', name: 'published', component: () => later(() => import('./PublishedPage.vue')) },
    { path: '/inbox', name: 'inbox', component: () => later(() => import('./InboxPage.vue')) },
    { path: '/:rest(.*)*', redirect: { name: 'log' } },
  ],
})
