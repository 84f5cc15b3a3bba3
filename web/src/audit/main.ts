import { mountFace } from '@/shared/app'
import messages from './messages'
import AuditPage from './AuditPage.vue'
import LogPage from './LogPage.vue'
import '@/shared/theme/desk.css'

mountFace({
  name: 'audit',
  root: AuditPage,
  messages,
  routes: [
    { path: '/', redirect: (to) => ({ name: 'log', query: to.query }) },
    { path: '/log', name: 'log', component: LogPage },
    { path: '/replay', name: 'replay', component: () => import('./ReplayPage.vue') },
    { path: '/proofs', name: 'proofs', component: () => import('./ProofsPage.vue') },
    { path: '/published', name: 'published', component: () => import('./PublishedPage.vue') },
    { path: '/inbox', name: 'inbox', component: () => import('./InboxPage.vue') },
    { path: '/:rest(.*)*', redirect: { name: 'log' } },
  ],
})
