import './first'
import { mountFace } from '@/shared/app'
import { awaitPicture } from '@/shared/picture'
import messages from './messages'
import ConsolePage from './ConsolePage.vue'
import HouseholdsPage from './HouseholdsPage.vue'
import InboxPage from './InboxPage.vue'
import PlansPage from './PlansPage.vue'
import QueuePage from './QueuePage.vue'
import SearchPage from './SearchPage.vue'

// The list comes first; a queue's page says when it is drawn.
if (/^\/ui\/console\/(tasks|cases)\b/.test(location.pathname)) awaitPicture()
mountFace({
  name: 'console',
  root: ConsolePage,
  messages,
  routes: [
    { path: '/', redirect: { name: 'case' } },
    { path: '/cases/:queue?', name: 'case', component: QueuePage, props: { kind: 'case' } },
    { path: '/tasks/:queue?', name: 'task', component: QueuePage, props: { kind: 'task' } },
    { path: '/search', name: 'search', component: SearchPage },
    { path: '/inbox', name: 'inbox', component: InboxPage },
    { path: '/plans', name: 'plans', component: PlansPage },
    { path: '/plans/households', name: 'households', component: HouseholdsPage },
    { path: '/:rest(.*)*', redirect: { name: 'case' } },
  ],
})
