import './first'
import type { RouteLocationNormalized, RouteLocationRaw } from 'vue-router'
import { mountFace } from '@/shared/app'
import { awaitPicture } from '@/shared/picture'
import messages from './messages'
import ConsolePage from './ConsolePage.vue'
import HouseholdsPage from './HouseholdsPage.vue'
import InboxPage from './InboxPage.vue'
import PlansPage from './PlansPage.vue'
import type { Kind } from './items'
import QueuePage from './QueuePage.vue'
import { QUEUES } from './queues'
import SearchPage from './SearchPage.vue'

/** A queue that there isn't: the address is that of the list which is shown in its place. */
const known = (kind: Kind) => ({ params, query }: RouteLocationNormalized): true | RouteLocationRaw =>
  !params.queue || QUEUES[kind].some(({ name }) => name === params.queue) || { name: kind, params: { queue: 'open' }, query, replace: true }
// The list comes first; a queue's page says when it is drawn.
if (/^\/ui\/console\/(tasks|cases)\b/.test(location.pathname)) awaitPicture()
mountFace({
  name: 'console',
  root: ConsolePage,
  messages,
  routes: [
    { path: '/', redirect: { name: 'case' } },
    { path: '/cases/:queue?', name: 'case', component: QueuePage, beforeEnter: known('case'), props: { kind: 'case' } },
    { path: '/tasks/:queue?', name: 'task', component: QueuePage, beforeEnter: known('task'), props: { kind: 'task' } },
    { path: '/search', name: 'search', component: SearchPage },
    { path: '/inbox', name: 'inbox', component: InboxPage },
    { path: '/plans', name: 'plans', component: PlansPage },
    { path: '/plans/households', name: 'households', component: HouseholdsPage },
    { path: '/:rest(.*)*', redirect: { name: 'case' } },
  ],
})
